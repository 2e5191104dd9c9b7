// Small behaviours, all optional: every page works without them.
"use strict";

const summary = document.querySelector("[data-summary]");
if (summary) summary.focus();

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) { event.preventDefault(); return; }
  if (form.dataset.sent) { event.preventDefault(); return; }
  if (form.hasAttribute("data-upload")) { upload(event, form); return; }
  form.dataset.sent = "1";
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

// Uploads show their progress; the answer replaces the page as a plain POST would.
function upload(event, form) {
  event.preventDefault();
  form.dataset.sent = "1";
  const bar = form.querySelector("progress");
  const said = form.querySelector("[data-said]");
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", (step) => {
    if (!step.lengthComputable || !bar) return;
    bar.hidden = false;
    bar.value = step.loaded / step.total;
  });
  request.addEventListener("load", () => {
    if (request.status < 400) { window.location.assign(request.responseURL); window.location.reload(); return; }
    delete form.dataset.sent;
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const words = page.querySelector("[data-summary] li, main p");
    if (bar) bar.hidden = true;
    if (said) said.textContent = words ? words.textContent : form.dataset.failed;
  });
  request.addEventListener("error", () => { delete form.dataset.sent; if (said) said.textContent = form.dataset.failed; });
  request.open("POST", form.action);
  request.send(new FormData(form));
}

// What is typed is kept as it is typed, and the page says so.
document.querySelectorAll("form[data-autosave]").forEach((form) => {
  const said = form.querySelector("[data-saved]");
  let timer = null;
  const save = async () => {
    const body = new FormData(form);
    body.set("autosave", "1");
    try {
      const answer = await fetch(form.action || window.location.href, { method: "POST", body, headers: { Accept: "application/json" } });
      if (said) said.textContent = answer.ok ? form.dataset.savedText : form.dataset.notSavedText;
    } catch { if (said) said.textContent = form.dataset.notSavedText; }
  };
  form.addEventListener("input", (event) => { if (event.target.type === "file") return; clearTimeout(timer); timer = setTimeout(save, 1200); });
  form.addEventListener("submit", () => clearTimeout(timer));
});

// The postal code gives the communes.
const postal = document.querySelector("[data-communes]");
if (postal) {
  const list = document.getElementById("commune_code");
  postal.addEventListener("input", async () => {
    if (!/^\d{5}$/.test(postal.value)) return;
    const answer = await fetch(`${postal.dataset.communes}?code=${encodeURIComponent(postal.value)}`);
    if (!answer.ok) return;
    const chosen = list.value;
    list.replaceChildren(...(await answer.json()).map(([code, name]) => new Option(name, code, false, code === chosen)));
  });
}
