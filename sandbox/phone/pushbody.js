// A decrypted body (XML, JSON text or an object) as rows that a person can read.

const OPAQUE = new Set(["ToUserName", "FromUserName", "touser"]);

function flatten(name, value, rows) {
  if (Array.isArray(value)) value.forEach((one, index) => flatten(`${name}[${index + 1}]`, one, rows));
  else if (value && typeof value === "object") {
    for (const [key, inner] of Object.entries(value)) flatten(name ? `${name}.${key}` : key, inner, rows);
  } else rows.push([name, value === null || value === undefined || value === "" ? "（空）" : String(value)]);
  return rows;
}

function elements(node, prefix, rows) {
  const children = [...node.children];
  if (!children.length) rows.push([prefix, node.textContent || "（空）"]);
  for (const child of children) elements(child, prefix ? `${prefix}.${child.tagName}` : child.tagName, rows);
  return rows;
}

function xmlRows(text) {
  const parsed = new DOMParser().parseFromString(text, "text/xml");
  if (parsed.querySelector("parsererror")) return [["原文", text]];
  return elements(parsed.documentElement, "", []);
}

function jsonRows(text) {
  try {
    return flatten("", JSON.parse(text), []);
  } catch {
    return [["原文", text]];
  }
}

/** [[name, value]] of a body; identifiers that tell a reader nothing are left out. */
export function fields(body) {
  if (body === null || body === undefined || body === "") return [];
  if (typeof body === "object") return flatten("", body, []).filter(([name]) => !OPAQUE.has(name));
  const text = body.trim();
  const rows = text.startsWith("<") ? xmlRows(text) : /^[[{]/.test(text) ? jsonRows(text) : [["原文", text]];
  return rows.filter(([name]) => !OPAQUE.has(name));
}

/** The text with line breaks, for reading: XML by element, JSON by two spaces. */
export function pretty(body) {
  if (body === null || body === undefined || body === "") return "（空）";
  if (typeof body === "object") return JSON.stringify(body, null, 2);
  if (body.trim().startsWith("<")) return body.replace(/(<\/[\w]+>|<xml>|<Articles>|<item>)(?=<)/g, "$1\n");
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

const SUBJECTS = ["Content", "Recognition", "EventKey", "Label", "Title", "PicUrl"];

/** One line that says what a push is about: "text 我要预约", "CLICK MY_WISH". */
export function subject(body) {
  const rows = new Map(fields(body));
  const sort = rows.get("Event") ?? rows.get("MsgType") ?? "";
  const about = SUBJECTS.map((name) => rows.get(name)).find((value) => value && value !== "（空）") ?? "";
  return `${sort} ${about}`.trim();
}
