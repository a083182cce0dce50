// Lets the map be moved and enlarged. Without script, the drawing of the server stays.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const figure = document.querySelector("[data-map]");
  const drawing = figure && figure.querySelector("svg");
  if (!drawing || typeof L === "undefined") return;
  const box = drawing.viewBox.baseVal;
  const holder = document.createElement("div");
  holder.className = "av-map-frame";
  drawing.before(holder);
  const bounds = [[0, 0], [box.height, box.width]];
  const map = L.map(holder, { crs: L.CRS.Simple, attributionControl: false, zoomSnap: 0.25, minZoom: -2, maxZoom: 4, scrollWheelZoom: false });
  const copy = drawing.cloneNode(true);
  copy.removeAttribute("role");
  copy.setAttribute("aria-hidden", "true");
  L.svgOverlay(copy, bounds, { interactive: true }).addTo(map);
  map.fitBounds(bounds);
  map.setMaxBounds([[-box.height, -box.width], [2 * box.height, 2 * box.width]]);
  drawing.classList.add("visually-hidden");
});
