// A long form saved at each touch; its button saves all of it, with or without this file.

const form = document.querySelector("form[data-touch]");
const state = form?.querySelector("[data-state]");

async function save() {
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Touch": "1" }, redirect: "error" });
    if (!answer.ok) throw new Error(answer.status);
    state.textContent = form.dataset.saved;
    return true;
  } catch {
    state.textContent = form.dataset.failed;
    return false;
  }
}

let chain = Promise.resolve(); // one after the other, in order
form?.addEventListener("change", () => (chain = chain.then(save)));
