// Without this script every picture is a link and every step can be unfolded; it only adds the viewer and opens what an
// address points to.
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

  const unfold = () => {
    const [id] = decodeURIComponent(location.hash.slice(1)).split("@");
    const target = id && document.getElementById(id);
    if (!target) return;
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  unfold();
})();
