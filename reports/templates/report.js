// Without this script every picture is a link and every step can be unfolded; it only adds the viewer, opens what an
// address points to, and keeps large pages quick.
(() => {
  const viewer = document.querySelector("dialog.viewer");
  const stage = viewer.querySelector(".stage");
  const caption = viewer.querySelector("p");
  const shots = () => [...document.querySelectorAll("main .shot > a")].filter((a) => a.offsetParent);
  let current = null;

  const show = (shot) => {
    current = shot;
    const copy = shot.cloneNode(true);
    copy.querySelector("img").removeAttribute("loading");
    const figure = document.createElement("div");
    figure.className = "shot";
    figure.style.cssText = shot.parentElement.style.cssText;
    figure.append(copy);
    stage.replaceChildren(figure);
    const all = shots();
    caption.textContent = `${all.indexOf(shot) + 1} of ${all.length} · ${shot.getAttribute("href")}`;
    if (!viewer.open) viewer.showModal();
  };

  document.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const shot = event.target.closest("main .shot > a");
    if (shot) {
      event.preventDefault();
      show(shot);
    } else if (viewer.open && (event.target === viewer || event.target === stage)) {
      viewer.close();
    }
  });

  viewer.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    const all = shots();
    const next = all[all.indexOf(current) + by];
    if (next) show(next);
  });
  viewer.addEventListener("close", () => current && current.focus());

  // What is not seen yet stands in a `noscript` element, which a browser reads as text. Its parts are made when they are
  // needed, and told by the event "made".
  const ROW = 43;
  const make = (text, place) => {
    const made = document.createElement("template");
    made.innerHTML = text;
    const parts = [...made.content.children];
    place.replaceWith(made.content);
    for (const part of parts) part.dispatchEvent(new CustomEvent("made", { bubbles: true }));
  };
  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) if (isIntersecting) make(rows.get(target), target);
    },
    { rootMargin: "1000px" },
  );
  // The rows of long scenarios, each part at the place of its height.
  const rows = new Map();
  for (const later of document.querySelectorAll("noscript[data-rows]")) {
    const place = document.createElement("div");
    place.style.height = `${later.dataset.rows * ROW}px`;
    rows.set(place, later.textContent);
    later.replaceWith(place);
    near.observe(place);
  }
  const make_scenario = (scenario) => {
    const later = scenario.querySelector(":scope > noscript");
    if (later) make(later.textContent, later);
  };
  addEventListener("toggle", ({ target }) => target.matches(".scenario[open]") && make_scenario(target), true);
  const make_all = () => {
    document.querySelectorAll(".scenario[open]").forEach(make_scenario);
    for (const [place, text] of rows) if (place.isConnected) make(text, place);
  };
  addEventListener("beforeprint", make_all);

  // Returns the element with this id, and makes it first if it is not there yet.
  const element = (id) => {
    if (!id) return null;
    const there = document.getElementById(id);
    if (there) return there;
    const name = `id="${id}"`;
    for (const [place, text] of rows) if (place.isConnected && text.includes(name)) make(text, place);
    for (const later of document.querySelectorAll(".scenario > noscript")) {
      if (later.textContent.includes(name)) make_scenario(later.parentElement);
    }
    return document.getElementById(id);
  };

  const unfold = () => {
    const [id] = decodeURIComponent(location.hash.slice(1)).split("@");
    const target = element(id);
    if (!target) return;
    for (let at = target; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") at.open = true;
      if (at.matches(".scenario")) {
        at.hidden = false;
        make_scenario(at);
      }
    }
    target.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  unfold();
})();
