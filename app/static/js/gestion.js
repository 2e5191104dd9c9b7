// What the back office adds: a field that names one row among many proposes those that match; without it, words or a code do.
"use strict";

document.querySelectorAll("[data-lookup]").forEach((field) => {
  let timer = null;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const base = window.location.pathname.replace(/(new|edit)\/$/, "ajax/lookup/");
      const answer = await fetch(`${base}?name=${encodeURIComponent(field.dataset.lookup)}&query=${encodeURIComponent(field.value)}`);
      if (answer.ok) field.list.replaceChildren(...(await answer.json()).map((words) => new Option(words, words)));
    }, 250);
  });
});

// --- the dossier page: sections are renewed one by one; what is being typed elsewhere stays ---

const TYPED = "textarea[id], select[id], input[id]:not([type=hidden])";
let kept = [];

function isChanged(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.tagName === "SELECT") return [...field.options].some((option) => option.selected !== option.defaultSelected && (option.selected ? option.value : true));
  return field.value !== field.defaultValue;
}

function keep(part, sent) {
  part.querySelectorAll(TYPED).forEach((field) => {
    if (field.form !== sent && isChanged(field)) kept.push([field.id, field.value, field.checked]);
  });
}

function putBack() {
  kept.forEach(([id, value, checked]) => {
    const field = document.getElementById(id);
    if (!field) return;
    if (field.type === "checkbox" || field.type === "radio") field.checked = checked;
    else field.value = value;
    field.closest("details")?.setAttribute("open", "");
  });
  kept = [];
}

const mark = () => document.getElementById("mark");

if (mark()) {
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    if (xhr.status === 409 || xhr.status === 422) { event.detail.shouldSwap = true; event.detail.isError = false; }
    if (event.detail.shouldSwap) keep(event.detail.target, requestConfig.elt.closest("form"));
  });
  document.addEventListener("htmx:configRequest", (event) => {
    if ("seen" in event.detail.parameters) event.detail.parameters.seen = mark().dataset.seen;
  });
  document.addEventListener("htmx:oobBeforeSwap", (event) => keep(event.detail.target, null));
  document.addEventListener("htmx:afterSettle", (event) => {
    putBack();
    document.querySelectorAll("input[name=seen]").forEach((field) => { field.value = mark().dataset.seen; });
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
    const told = event.target.querySelector?.("[data-summary]");
    if (told) told.focus();
  });
  const failed = (event) => {
    if ([409, 422].includes(event.detail.xhr?.status)) return;
    const said = document.getElementById("said");
    said.replaceChildren(Object.assign(document.createElement("p"), { className: "notice error", textContent: said.dataset.failed }));
  };
  document.addEventListener("htmx:responseError", failed);
  document.addEventListener("htmx:sendError", failed);
}

// A sentence chosen in a list joins the comment, a placeholder goes where the cursor is; the list is then ready for another.
document.addEventListener("change", (event) => {
  const { fills, inserts } = event.target.dataset;
  const area = document.getElementById(fills || inserts || "");
  const chosen = event.target.selectedOptions?.[0];
  if (!area || !chosen || !chosen.value) return;
  if (fills) area.value = [area.value.trim(), chosen.dataset.text].filter(Boolean).join("\n");
  else area.setRangeText(`{${chosen.value}}`, area.selectionStart, area.selectionEnd, "end");
  event.target.value = "";
  if (inserts) area.focus();
});

// Keys of the dossier page: only when no field is chosen, and only while this device wants them (WCAG 2.1.4).
const keysOn = document.querySelector("[data-keys-on]");
if (keysOn) {
  const remembered = "postulo-keys";
  const stored = (call) => { try { return call(window.localStorage); } catch { return null; } };
  keysOn.checked = stored((store) => store.getItem(remembered)) !== "off";
  keysOn.addEventListener("change", () => stored((store) => store.setItem(remembered, keysOn.checked ? "on" : "off")));
  document.addEventListener("keydown", (event) => {
    const field = event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
    if (event.key === "Escape" && field) { field.blur(); return; }
    if (field || !keysOn.checked || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || document.querySelector("form.htmx-request")) return;
    if (event.key === "?") {
      const help = document.querySelector("#keys details");
      help.open = true;
      help.querySelector("summary").focus();
    } else {
      const asked = /^[a-z]$/.test(event.key) && document.querySelector(`[data-key="${event.key}"]`);
      if (!asked) return;
      asked.closest("details")?.setAttribute("open", "");
      if (asked.tagName === "TEXTAREA") asked.focus();
      else asked.click();
    }
    event.preventDefault();
  });
}

// "/" goes to the search of people, from any page, unless shortcuts were turned off on this device (see the dossier page).
document.addEventListener("keydown", (event) => {
  const finder = document.querySelector('[data-shortcut="/"]');
  if (event.key !== "/" || !finder || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  try { if (window.localStorage.getItem("postulo-keys") === "off") return; } catch { /* nothing was chosen */ }
  event.preventDefault();
  finder.focus();
});

// --- the list of candidatures: panels open in place, what is ticked is counted ---

const panel = document.getElementById("panel");

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "count") document.querySelectorAll("[data-count]").forEach((place) => { place.textContent = event.target.textContent; });
  if (event.target !== panel) return;
  const again = panel.dataset.pressed && panel.querySelector(`button[value="${CSS.escape(panel.dataset.pressed)}"]:not([disabled])`);
  (again || panel.querySelector("[data-opened]"))?.focus();
  panel.dataset.pressed = "";
});

document.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-keeps-focus] button");
  if (pressed && panel) panel.dataset.pressed = pressed.value;
  const close = event.target.closest("[data-close]");
  if (!close || !panel?.contains(close)) return;
  event.preventDefault();
  panel.replaceChildren();
  document.querySelector("[data-panel]")?.focus();
});

// A filter left empty is not sent: the address stays short enough to be read and shared.
document.addEventListener("submit", (event) => {
  if (!event.target.hasAttribute("data-lean")) return;
  event.target.querySelectorAll("input, select").forEach((field) => { field.disabled = field.disabled || field.value === ""; });
});
window.addEventListener("pageshow", () => document.querySelectorAll("[data-lean] [disabled]").forEach((field) => { field.disabled = false; }));

const selection = document.querySelector("[data-selection]");

if (selection) {
  const rows = [...selection.querySelectorAll("input[name=row]")];
  const all = selection.querySelector("[data-tick-all]");
  const whole = selection.querySelector("[data-whole]");
  const said = selection.querySelector("[data-ticked]");
  const tell = () => {
    const number = rows.filter((row) => row.checked).length;
    if (said) said.textContent = number && !whole?.checked ? said.dataset.words.replace("{}", number) : "";
    rows.forEach((row) => { row.disabled = Boolean(whole?.checked); });
    if (all) { all.checked = number > 0 && number === rows.length; all.disabled = Boolean(whole?.checked); }
  };
  selection.querySelectorAll("[data-whole-page]").forEach((label) => { label.hidden = false; });
  all?.addEventListener("change", () => { rows.forEach((row) => { row.checked = all.checked; }); tell(); });
  selection.addEventListener("change", (event) => { if (event.target !== all) tell(); });
  window.addEventListener("pageshow", tell);
}

// --- lists that people put in order: a row dragged onto another presses the same form as its two buttons ---

const ordered = document.querySelector("[data-ordered]");

if (ordered) {
  let dragged = null;
  const unmark = () => ordered.querySelectorAll(".drop-before, .drop-after").forEach((row) => row.classList.remove("drop-before", "drop-after"));
  const target = (event) => {
    const row = event.target.closest("[data-row]");
    return dragged && row && row !== dragged && row.dataset.group === dragged.dataset.group ? row : null;
  };
  const isAfter = (event, row) => event.clientY > row.getBoundingClientRect().top + row.offsetHeight / 2;
  ordered.querySelectorAll("[data-row]").forEach((row) => { row.draggable = true; });
  ordered.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-row]");
    event.dataTransfer.effectAllowed = "move";
  });
  ordered.addEventListener("dragover", (event) => {
    const row = target(event);
    unmark();
    if (!row) return;
    event.preventDefault();
    row.classList.add(isAfter(event, row) ? "drop-after" : "drop-before");
  });
  ordered.addEventListener("drop", (event) => {
    const row = target(event);
    if (!row) return;
    event.preventDefault();
    const form = dragged.querySelector("form.mover");
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "beside", value: `${isAfter(event, row) ? "after" : "before"}:${row.dataset.row}` }));
    form.submit();
  });
  ordered.addEventListener("dragend", () => { dragged = null; unmark(); });
  const moved = document.getElementById(window.location.hash.slice(1));
  const back = () => moved.querySelector("button:not([disabled])")?.focus();
  if (moved?.matches("form.mover")) window.addEventListener("load", () => setTimeout(back)); // after the browser went to the fragment itself
}

// --- the builder of forms: only what the chosen type of question needs is shown ---

const kindOf = document.querySelector("[data-kinds] #kind");

if (kindOf) {
  const show = () => kindOf.form.querySelectorAll("[data-for], [data-not-for]").forEach((part) => {
    const { for: wanted, notFor } = part.dataset;
    part.hidden = wanted ? !wanted.split(" ").includes(kindOf.value) : notFor === kindOf.value;
  });
  kindOf.addEventListener("change", show);
  window.addEventListener("pageshow", show);
  show();
}
