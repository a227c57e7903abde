// A long form saved on each change, only the fields that belong together, so that two phones do not overwrite each other.
// The button saves everything, with or without JavaScript.

const form = document.querySelector("form[data-touch]");
const states = form?.querySelectorAll("[data-state]") ?? [];
const say = (words) => states.forEach((state) => (state.textContent = words));

let isBehind = false; // a change has not arrived: the next button sends the whole form

async function save(touched) {
  const sent = new FormData();
  sent.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  const group = touched.closest("fieldset");
  const together = group ? group.querySelectorAll("input, textarea") : [touched];
  together.forEach((field) => {
    if (!["radio", "checkbox"].includes(field.type) || field.checked) sent.append(field.name, field.value);
  });
  try {
    const answer = await fetch(form.action, { method: "POST", body: sent, headers: { "X-Touch": "1" }, redirect: "error" });
    if (!answer.ok) throw new Error(answer.status);
    say(form.dataset.saved);
  } catch {
    isBehind = true;
    say(form.dataset.failed);
  }
}

let chain = Promise.resolve(); // one after the other, in order
form?.addEventListener("change", (event) => (chain = chain.then(() => save(event.target))));

// A button that does one thing and leaves the other fields alone; the page then shows what it did. Without network the page
// stays, and nothing is lost. Without JavaScript it sends the whole form.
form?.addEventListener("submit", (event) => {
  const { submitter } = event;
  if (submitter?.dataset.alone === undefined) return;
  event.preventDefault();
  chain = chain.then(async () => {
    const sent = isBehind ? new FormData(form) : new FormData();
    sent.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    sent.set(submitter.name, submitter.value);
    try {
      const answer = await fetch(submitter.formAction, { method: "POST", body: sent, headers: { "X-Touch": "1" }, redirect: "error" });
      if (!answer.ok) throw new Error(answer.status);
      location.reload();
    } catch {
      say(form.dataset.failed);
    }
  });
});
