// Before the first paint: the theme chosen on this screen; without a choice the system's.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try { return localStorage.getItem("console-theme"); } catch { return null; }
  };
  const apply = () => { root.dataset.theme = chosen() ?? (system.matches ? "dark" : "light"); };
  apply();
  system.addEventListener("change", apply);
  addEventListener("DOMContentLoaded", () => {
    for (const here of document.querySelectorAll("nav [aria-current]")) {
      here.scrollIntoView({ block: "nearest", inline: "center" }); // a phone shows part of the pages
    }
    document.getElementById("theme")?.addEventListener("click", () => {
      const next = root.dataset.theme === "dark" ? "light" : "dark";
      try { localStorage.setItem("console-theme", next); } catch { /* only for this page then */ }
      root.dataset.theme = next;
    });
  });
})();
