// Searches and filters the list of scenarios, and the scenarios with it.
(() => {
  const form = document.querySelector(".filter");
  if (!form) return;
  form.hidden = false;
  const lines = [...document.querySelectorAll(".list a")].map((line) => ({
    line,
    scenario: document.getElementById(line.hash.slice(1)),
    text: line.textContent.toLowerCase(),
    verdict: line.querySelector(".word").textContent,
  }));
  const groups = [...document.querySelectorAll(".list .group")];
  const count = form.querySelector("output");
  const apply = () => {
    const chosen = new FormData(form);
    const words = chosen.get("words").toLowerCase().split(/\s+/).filter(Boolean);
    const verdicts = chosen.getAll("verdict");
    const fits = (name, value) => !chosen.get(name) || chosen.get(name) === value;
    let hits = 0;
    for (const { line, scenario, text, verdict } of lines) {
      const is_hit =
        words.every((word) => text.includes(word)) &&
        (!verdicts.length || verdicts.includes(verdict)) &&
        fits("image", line.dataset.image) &&
        fits("machine", line.dataset.machine);
      line.hidden = scenario.hidden = !is_hit;
      hits += is_hit;
    }
    const is_filtered = hits < lines.length;
    for (const group of groups) {
      group.hidden = !group.querySelector("a:not([hidden])");
      if (is_filtered) group.open = true;
    }
    count.textContent = is_filtered ? `${hits} of ${lines.length}` : "";
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("keydown", (event) => {
    const writes = event.target.closest("input, select, textarea");
    if (event.key !== "/" || writes || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    form.words.focus();
  });
  // A browser fills in what was chosen before the page was loaded again.
  apply();
})();
