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

// Uploads show their progress; the answer changes this part of the page alone, so that what is chosen or sent elsewhere on it stays.
document.querySelectorAll("[data-several]").forEach((input) => { input.multiple = true; });

async function upload(event, form) {
  event.preventDefault();
  const input = form.querySelector("input[type=file]");
  if ([...input.files].some((file) => file.size > Number(form.dataset.limit))) { say(form, form.dataset.tooLarge); input.focus(); return; }
  form.dataset.sent = "1";
  let page = null;
  for (const file of input.files) {
    const body = new FormData(form);
    body.set(input.name, file);
    const answer = await send(form, body).catch(() => null);
    page = answer && new DOMParser().parseFromString(answer.responseText, "text/html");
    if (!answer || answer.status >= 400) break;
  }
  delete form.dataset.sent;
  if (!page) { say(form, form.dataset.failed); return; }
  if (!renew(form, page)) say(form, page.querySelector("main .notice p, main p")?.textContent || form.dataset.failed);
}

function send(form, body) {
  const bar = form.querySelector("progress");
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (step) => {
      if (!step.lengthComputable || !bar) return;
      bar.hidden = false;
      bar.value = step.loaded / step.total;
    });
    request.addEventListener("load", () => done(request));
    request.addEventListener("error", failed);
    request.open("POST", form.action);
    request.send(body);
  });
}

function say(form, words) {
  const bar = form.querySelector("progress");
  const said = form.querySelector("[data-said]");
  if (bar) bar.hidden = true;
  if (said) said.textContent = words;
}

// Puts the parts of a page just received in the place of the present ones; false when it is another page.
function renew(form, page) {
  const names = form.dataset.live.split(" ");
  if (!names.every((name) => page.getElementById(name))) return false;
  const done = form.dataset.done;
  names.forEach((name) => {
    const part = document.adoptNode(page.getElementById(name));
    document.getElementById(name).replaceWith(part);
    part.querySelectorAll("[data-several]").forEach((input) => { input.multiple = true; });
    if (window.htmx) window.htmx.process(part);
  });
  const renewed = document.getElementById(names[0]).querySelector("form[data-upload]");
  const refusal = renewed && renewed.querySelector("[data-said]").textContent;
  const live = document.querySelector("[data-live-said]");
  if (live) live.textContent = refusal || done;
  if (renewed) renewed.querySelector(refusal ? "input[type=file]" : "button").focus();
  return true;
}

// What is typed is kept as it is typed, and the page says so; leaving the page does not wait.
document.querySelectorAll("form[data-autosave]").forEach((form) => {
  const said = form.querySelector("[data-saved]");
  let timer = null;
  const tell = (words) => { if (said) said.textContent = words; };
  const save = async () => {
    clearTimeout(timer);
    timer = null;
    const body = new FormData(form);
    body.set("autosave", "1");
    try {
      const answer = await fetch(form.action || window.location.href, { method: "POST", body, headers: { Accept: "application/json" }, keepalive: true });
      if (answer.ok) tell(form.dataset.savedText);
      else if (answer.headers.get("Content-Type") === "application/json") tell((await answer.json()).said);
      else tell([400, 401].includes(answer.status) ? form.dataset.expiredText : form.dataset.notSavedText);
    } catch { tell(form.dataset.offlineText); }
  };
  form.addEventListener("input", (event) => { if (event.target.type === "file") return; clearTimeout(timer); timer = setTimeout(save, 1200); });
  form.addEventListener("submit", () => { clearTimeout(timer); timer = null; });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden" && timer) save(); });
  document.addEventListener("submit", async (event) => { // a file leaves by a form of its own: what was typed goes first
    if (!timer || !event.target.hasAttribute("data-saves-first")) return;
    event.preventDefault();
    await save();
    event.target.submit();
  });
});

// The postal code gives the communes.
const postal = document.querySelector("[data-communes]");
if (postal) {
  const list = document.getElementById("commune_code");
  postal.addEventListener("input", async () => {
    if (!/^\d{5}$/.test(postal.value.replace(/\s/g, ""))) return;
    const answer = await fetch(`${postal.dataset.communes}?code=${encodeURIComponent(postal.value)}`);
    if (!answer.ok) return;
    const chosen = list.value;
    const communes = await answer.json();
    const options = communes.map(([code, name]) => new Option(name, code, false, code === chosen || communes.length === 1));
    list.replaceChildren(new Option(list.dataset.choose, ""), ...options);
  });
}

// Questions are shown as what comes before them is answered; without script all are shown, each with its condition in words.
function ask(form) {
  const data = new FormData(form);
  const asked = new Set();
  form.querySelectorAll("[data-question]").forEach((question) => {
    const { question: key, if: source, is: wanted } = question.dataset;
    const values = source ? data.getAll(source).map((value) => value.trim()).filter(Boolean) : [];
    const isAsked = !source || (asked.has(source) && (wanted ? values.includes(wanted) : values.length > 0));
    if (isAsked) asked.add(key);
    question.classList.toggle("unasked", !isAsked);
  });
}

const askAll = () => document.querySelectorAll("form[data-questions]").forEach(ask);
document.addEventListener("input", (event) => { const form = event.target.closest("form[data-questions]"); if (form) ask(form); });
document.addEventListener("htmx:afterSettle", askAll);
window.addEventListener("pageshow", askAll);
