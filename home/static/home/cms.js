// The CMS: right-to-left boxes on Arabic pages; a session's empty boxes show its course's defaults.
(() => {
  const RTL = new Set(["ar"]);

  function speak(root, language) {
    const direction = RTL.has(language) ? "rtl" : "ltr";
    root.querySelectorAll('input[type="text"], textarea, [contenteditable="true"]').forEach((box) => {
      if (/slug$|_at$|_on$|url$/.test(box.name || "") || box.closest("[data-no-words]")) return;
      if (box.lang !== language) box.lang = language;
      if (box.dir !== direction) box.dir = direction;
    });
  }

  function pageWords() {
    const found = [...document.body.classList].find((name) => /^words-[a-z]{2}$/.test(name));
    const form = document.getElementById("page-edit-form");
    if (!found || !form) return;
    const language = found.slice(6);
    speak(form, language);
    // A chooser suggests an alternative text: in this language.
    window.jQuery?.ajaxPrefilter((options, _asked, request) => {
      if (!options.crossDomain) request.setRequestHeader("X-Words-Language", language);
    });
    // Blocks and rich text load later, and are added while editing.
    let waiting = false;
    new MutationObserver(() => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; speak(form, language); });
    }).observe(form, { childList: true, subtree: true });
  }

  function columnWords() {
    document.querySelectorAll('input[name$="_ar"], textarea[name$="_ar"]').forEach((box) => {
      box.lang = "ar";
      box.dir = "rtl";
    });
  }

  function usual() {
    const course = document.querySelector('select[name="course"]');
    if (!course || !course.querySelector("option[data-minutes]")) return;
    const box = (name) => document.querySelector(`input[name="${name}"]`);
    const show = () => {
      const said = course.selectedOptions[0]?.dataset ?? {};
      const place = (name, words) => { const target = box(name); if (target) target.placeholder = words ?? ""; };
      place("price", said.price);
      place("capacity", said.capacity);
      place("meetings_wanted", said.meetings);
      const starts = box("starts")?.value.match(/^(\d{1,2}):(\d{2})$/);
      if (!said.minutes || !starts) return place("ends", "");
      const minutes = Number(starts[1]) * 60 + Number(starts[2]) + Number(said.minutes);
      place("ends", `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`);
    };
    document.addEventListener("change", show);
    show();
  }

  // A lesson's plan: the sum of its minutes beside the length of a class.
  function sumMinutes() {
    const line = document.querySelector("[data-minutes-planned]");
    if (!line) return;
    const beside = (box, name) => document.querySelector(`[name="${box.name.replace("-minutes", `-${name}`)}"]`);
    const boxes = () => [...document.querySelectorAll('input[name^="blocks-"][name$="-minutes"]')].filter((box) =>
      beside(box, "DELETE")?.value !== "1" && !line.dataset.notCounted.split(" ").includes(beside(box, "kind")?.value));
    const show = () => {
      const sum = boxes().reduce((total, box) => total + (Number(box.value) || 0), 0);
      line.textContent = line.dataset.minutesPlanned.replace("{sum}", sum);
      line.toggleAttribute("data-too-long", sum > Number(line.dataset.length || Infinity));
    };
    document.addEventListener("input", show);
    document.addEventListener("click", () => setTimeout(show, 400)); // a block added or deleted
    show();
  }

  // On leaving a box, the picker would replace what it cannot read by this minute, and 31/02 by 3 March.
  function leaveWhatIsTyped() {
    const picker = window.jQuery?.fn.datetimepicker;
    if (!picker) return;
    picker.defaults.validateOnBlur = false;
    const boxes = window.jQuery("input").filter((_at, box) => window.jQuery(box).data("xdsoft_datetimepicker"));
    boxes.off("blur.xdsoft");
    document.addEventListener("focusout", ({ target: box }) => {
      window.jQuery(box).data("xdsoft_datetimepicker")?.trigger("close.xdsoft");
    });
  }

  // Lessons of a new course: moved by buttons, and pasted from a spreadsheet into any of their boxes.
  function lessonRows() {
    const part = document.querySelector("[data-lesson-rows]");
    if (!part) return;
    const rows = () => [...part.querySelectorAll("[data-lesson-row]")];
    const box = (row, name) => row.querySelector(`[name$="-${name}"]`);
    part.querySelectorAll("[data-lesson-moves]").forEach((moves) => { moves.hidden = false; });
    part.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-move]");
      if (!button) return;
      const all = rows(), row = button.closest("[data-lesson-row]");
      const other = all[all.indexOf(row) + Number(button.dataset.move)];
      if (!other) return;
      // The words change places; the rows, their names and the focus stay.
      row.querySelectorAll("input").forEach((here) => {
        const name = here.name.replace(/^lessons-\d+-/, "");
        const there = box(other, name);
        if (name !== "position") [here.value, there.value] = [there.value, here.value];
      });
      other.querySelector(`[data-move="${button.dataset.move}"]`).focus();
    });
    part.addEventListener("paste", (event) => {
      const words = event.clipboardData?.getData("text/plain") ?? "";
      if (!words.includes("\t")) return;
      event.preventDefault();
      const pasted = document.getElementById("pasted");
      pasted.value = [pasted.value.trimEnd(), words].filter(Boolean).join("\n");
      pasted.form.requestSubmit(part.querySelector('button[value="rows"]'));
    });
  }

  // A problem in the panel of checks leads to its field, in whatever tab. (Wagtail reads such addresses on loading only.)
  function leadToFields() {
    document.addEventListener("click", (event) => {
      const link = event.target.closest?.('a[href*="#:w:contentpath="]');
      if (!link || link.pathname !== location.pathname) return;
      const names = decodeURIComponent(link.hash.slice("#:w:contentpath=".length)).split(".");
      const field = document.querySelector(names.map((name) => `[data-contentpath="${CSS.escape(name)}"]`).join(" "));
      if (!field) return;
      event.preventDefault();
      const tab = field.closest('[role="tabpanel"]');
      if (tab?.hidden) document.querySelector(`[role="tab"][aria-controls="${tab.id}"]`)?.click();
      const show = (turns) => {
        if (tab?.hidden && turns) return requestAnimationFrame(() => show(turns - 1)); // the other tab fades first
        field.scrollIntoView({ block: "center" });
        field.querySelector('input:not([type="hidden"]), textarea, select, [contenteditable="true"], button')?.focus();
      };
      show(120);
    });
  }

  function onceOnly() {
    document.querySelectorAll("form[data-guard]").forEach((form) => form.addEventListener("submit", () => {
      form.querySelectorAll("button").forEach((button) => { button.disabled = true; });
    }));
  }

  function begin() { pageWords(); columnWords(); usual(); onceOnly(); lessonRows(); sumMinutes(); leadToFields(); leaveWhatIsTyped(); }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin); else begin();
})();
