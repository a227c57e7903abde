// A long form saved on each change, only the fields that belong together, so that two phones do not overwrite each other.
// The button saves everything, with or without JavaScript.

const form = document.querySelector("form[data-touch]");
const state = form?.querySelector("[data-state]");

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
    state.textContent = form.dataset.saved;
  } catch {
    state.textContent = form.dataset.failed;
  }
}

let chain = Promise.resolve(); // one after the other, in order
form?.addEventListener("change", (event) => (chain = chain.then(() => save(event.target))));
