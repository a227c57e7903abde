// Below a box for a day or a time: what it holds in words, as the server reads it, or why it cannot be read.
// A browser's own picker shows 02/05/2027 or 05/02/2027 by the telephone's language; the words are the same for everyone.
(() => {
  const url = document.currentScript.dataset.url;

  async function say(box) {
    let words = document.getElementById(`${box.id}-words`);
    if (!words) {
      words = Object.assign(document.createElement("output"), { id: `${box.id}-words` });
      words.classList.add("date-words");
      words.setAttribute("for", box.id);
      box.insertAdjacentElement("afterend", words);
      box.setAttribute("aria-describedby", `${box.getAttribute("aria-describedby") ?? ""} ${words.id}`.trim());
    }
    const text = box.value;
    const answer = text && await fetch(`${url}?${new URLSearchParams({ kind: box.dataset.typed, text })}`).catch(() => null);
    if (box.value === text) words.textContent = answer?.ok && !answer.redirected ? await answer.text() : "";
  }

  document.addEventListener("change", ({ target: box }) => { if (box.matches?.("input[data-typed]")) say(box); });
})();
