// Elements are built node by node: no string of the account or of a neighbour ever becomes markup.

const SVG = "http://www.w3.org/2000/svg";

function assign(node, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name === "test") node.dataset.test = value;
  else if (name === "data") Object.assign(node.dataset, value);
  else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name in node && typeof value !== "string") node[name] = value;
  else node.setAttribute(name, value === true ? "" : value);
}

/** Build an element; children are nodes, strings, or empty values that are skipped. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) assign(node, name, value);
  node.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return node;
}

/** A 24×24 line drawing; it is decoration, so its button needs a label of its own. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

const drawn = new WeakMap();

/** Redraw a node's children only when `facts` changed: a button must not vanish under the finger that presses it. */
export function redraw(node, facts, make) {
  const state = JSON.stringify(facts);
  if (drawn.get(node) === state) return;
  drawn.set(node, state);
  node.replaceChildren(...[make()].flat(Infinity).filter(Boolean));
}

export function byTest(name, root = document) {
  return root.querySelector(`[data-test="${name}"]`);
}

/** Only http and https may be opened or shown; anything else gives null. */
export function safeUrl(text, base = location.href) {
  try {
    const url = new URL(String(text ?? "").trim(), base);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

const ICONS = {
  back: "M15 4 7 12l8 8",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  scan: "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M4 12h16",
  keyboard: "M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M17 10h.01M8 14h8",
  menu: "M4 7h16M4 12h16M4 17h16",
  plus: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 8v8M8 12h8",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9h.01",
  voice: "M12 4a3 3 0 0 0-3 3v4a3 3 0 0 0 6 0V7a3 3 0 0 0-3-3M6 11a6 6 0 0 0 12 0M12 17v4",
  location: "M12 21s7-6.5 7-11a7 7 0 0 0-14 0c0 4.5 7 11 7 11M12 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4",
  sticker: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M9 10h.01M15 10h.01M8 14c2 3 6 3 8 0",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  file: "M6 3h8l4 4v14H6zM14 3v4h4M9 13h6M9 17h6",
  video: "M3 6h13v12H3zM16 11l5-3v8l-5-3",
  bell: "M6 17V11a6 6 0 0 1 12 0v6l2 2H4zM10 21h4",
  mini: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M9 15a2 2 0 1 1 0-3l0 0M9 12c3 0 3-3 6-3M15 9a2 2 0 1 1 0 3",
  close: "M6 6l12 12M18 6 6 18",
  reload: "M19 12a7 7 0 1 1-2-5l2 2M19 4v5h-5",
  down: "M12 5v14M6 13l6 6 6-6",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M4 21c0-5 16-5 16 0",
  gear: "M4 7h10M18 7h2M4 17h2M10 17h10M16 5v4M8 15v4",
  out: "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
};
