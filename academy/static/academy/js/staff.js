// The team's rooms: the search has the focus, and the current room is in sight. Every page works without this file.

const ASKED = ["/", "ظ"]; // ظ is the key of / on an Arabic keyboard
const search = document.querySelector("main [data-search], main [type=search]") ?? document.querySelector("[data-search]");

// Where a screen has a pointer: on a touch screen the keyboard would cover half the page.
const typed = ":is(input:not([type=hidden], [type=checkbox], [type=radio], [type=search]), select, textarea)";
const first = [...document.querySelectorAll(`main form[method="post"] ${typed}`)].some((field) => field.checkVisibility());
const isFree = [document.body, document.documentElement, null].includes(document.activeElement);
if (search && isFree && !first && !location.hash && matchMedia("(pointer: fine)").matches) {
  search.focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  if (!search || !ASKED.includes(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.closest?.("input, select, textarea, [contenteditable]")) return;
  event.preventDefault();
  search.focus();
  search.select();
});

const current = document.querySelector(".tabs--staff [aria-current]");
if (current) {
  const [tabs, box] = [current.parentElement.getBoundingClientRect(), current.getBoundingClientRect()];
  current.parentElement.scrollLeft += box.left + box.width / 2 - tabs.left - tabs.width / 2;
}
