// The lesson in the room: one step at a time, by buttons, keyboard or swipe. Everything is in the page, so nothing is fetched and the
// network may come and go. Without this file the steps follow one another.

const box = document.querySelector("[data-slides]");
const slides = [...document.querySelectorAll("[data-slide]")];
const bar = document.querySelector("[data-steps]");
const place = document.querySelector("[data-place]");
const previous = document.querySelector("[data-previous]");
const next = document.querySelector("[data-next]");
const full = document.querySelector("[data-full-screen]");
const toRight = document.documentElement.dir === "rtl" ? -1 : 1;
let now = Math.max(0, slides.findIndex((slide) => `#${slide.id}` === location.hash));

function show(step, { focus = true } = {}) {
  now = Math.min(Math.max(step, 0), slides.length - 1);
  slides.forEach((slide, index) => slide.classList.toggle("is-shown", index === now));
  place.value = now + 1; // no second count beside "Step 3 of 5"
  previous.disabled = now === 0;
  next.disabled = now === slides.length - 1;
  history.replaceState(null, "", `#${slides[now].id}`);
  // Another language shows the same step.
  document.querySelectorAll("#languages a").forEach((link) => { link.hash = slides[now].id; });
  if (focus) slides[now].focus({ preventScroll: true });
  scrollTo(0, 0);
}

if (box && slides.length > 1) {
  box.classList.add("slides--one");
  bar.hidden = false;
  place.max = slides.length;
  show(now, { focus: false });
  previous.addEventListener("click", () => show(now - 1));
  next.addEventListener("click", () => show(now + 1));
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const moves = {
      ArrowRight: toRight, ArrowLeft: -toRight, PageDown: 1, PageUp: -1, Home: -slides.length, End: slides.length,
    };
    if (!(event.key in moves)) return;
    event.preventDefault();
    show(now + moves[event.key]);
  });
  let from = null;
  box.addEventListener("pointerdown", (event) => { from = event.pointerType === "mouse" ? null : [event.clientX, event.clientY]; });
  box.addEventListener("pointerup", (event) => {
    if (!from) return;
    const [across, down] = [event.clientX - from[0], event.clientY - from[1]];
    from = null;
    if (Math.abs(across) > 60 && Math.abs(across) > 2 * Math.abs(down)) show(now + (across < 0 ? toRight : -toRight));
  });
  box.addEventListener("pointercancel", () => { from = null; });
}

if (full && document.documentElement.requestFullscreen) {
  full.hidden = false;
  full.addEventListener("click", () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen().catch(() => {});
  });
}
