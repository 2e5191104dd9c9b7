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
