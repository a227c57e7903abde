// A long form saved on each change, only the fields that belong together, so that two phones do not overwrite each other.
// The button saves everything, with or without JavaScript. Beside each field goes what the page showed in it ("was-"): the server
// answers 409 when somebody else has changed it meanwhile, and the whole form then leads to the page that shows both.

const form = document.querySelector("form[data-touch]");
const states = form?.querySelectorAll("[data-state]") ?? [];
const say = (words) => states.forEach((state) => (state.textContent = words));

let isBehind = form?.dataset.behind !== undefined; // a change has not arrived: the next button sends the whole form

async function save(touched) {
  const sent = new FormData();
  sent.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  const group = touched.closest("fieldset");
  const together = group ? group.querySelectorAll("input, textarea") : [touched];
  const marks = [];
  together.forEach((field) => {
    const was = form.elements[`was-${field.name}`];
    if (was && !marks.includes(was)) marks.push(was);
    if (field.type === "hidden") return;
    if (!["radio", "checkbox"].includes(field.type) || field.checked) sent.append(field.name, field.value);
  });
  marks.forEach((was) => sent.set(was.name, was.value));
  try {
    const answer = await fetch(form.action, { method: "POST", body: sent, headers: { "X-Touch": "1" }, redirect: "error" });
    if (answer.status === 409) return form.submit();
    if (!answer.ok) throw new Error(answer.status);
    marks.forEach((was) => (was.value = sent.getAll(was.name.slice(4)).join(",")));
    say(form.dataset.saved);
  } catch {
    isBehind = true;
    say(form.dataset.failed);
  }
}

let chain = Promise.resolve(); // one after the other, in order
form?.addEventListener("change", (event) => (chain = chain.then(() => save(event.target))));

// The page again, where the button is: its own id, or that of the heading of its card. The address differs each time, because
// a browser does not load the same page again for another place in it.
function withPlace(button) {
  const place = button.id || button.closest("section")?.querySelector("h2[id]")?.id;
  const address = new URL(form.action);
  if (place) {
    address.searchParams.set("at", Date.now());
    address.hash = place;
  }
  return address;
}

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
      if (answer.status === 409) return form.submit();
      if (!answer.ok) throw new Error(answer.status);
      location.assign(withPlace(submitter));
    } catch {
      say(form.dataset.failed);
    }
  });
});
