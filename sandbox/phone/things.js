// What the + panel sends besides words: each thing has its sheet, and gives back the body of one `send`.

import { el, icon } from "./dom.js";
import { closeSheet, field, openSheet, sheetForm } from "./sheet.js";

// GCJ-02, as WeChat sends them; landmarks that everybody in the district knows, to about a hundred metres.
export const PLACES = [
  ["互助中路社区服务站", 36.6232, 101.7804],
  ["互助中路菜市场", 36.6247, 101.7846],
  ["东关清真大寺", 36.6128, 101.7987],
  ["湟水河边（互助路桥）", 36.6271, 101.7893],
  ["西宁站", 36.6229, 101.8131],
  ["大众街", 36.6158, 101.7869],
];

function input(name, props = {}) {
  return el("input", { name, test: `field-${name}`, autocomplete: "off", ...props });
}

function imageSheet(send) {
  const choose = (event) => {
    const [file] = event.target.files;
    if (!file) return;
    const form = new FormData();
    form.append("kind", "image");
    form.append("media", file);
    closeSheet();
    send(form, { kind: "image", url: URL.createObjectURL(file) });
  };
  const sample = () => {
    closeSheet();
    send({ kind: "image" });
  };
  const picker = el("input", {
    type: "file",
    accept: "image/*",
    class: "unseen",
    test: "field-media",
    onchange: choose,
  });
  openSheet(
    "发照片",
    el(
      "div",
      { class: "stack" },
      el(
        "button",
        { type: "button", class: "primary", test: "image-sample", onclick: sample },
        "发一张现成的照片",
      ),
      el("label", { class: "quiet filepick" }, "从这台机器选一张", picker),
    ),
    { name: "image-sheet" },
  );
}

function voiceSheet(send) {
  const said = el("textarea", {
    name: "recognition",
    rows: "2",
    test: "field-recognition",
    placeholder: "例如：我想约明天理发",
  });
  const go = ({ recognition }) =>
    send(recognition.trim() ? { kind: "voice", recognition: recognition.trim() } : { kind: "voice" }, {
      kind: "voice",
      text: recognition.trim(),
    });
  openSheet("发语音", sheetForm([field("微信听出来的字（可以空着）", said)], "发语音", go), {
    name: "voice-sheet",
  });
}

function placeButton([label, lat, lng], give) {
  const pick = () => {
    closeSheet();
    give({ label, lat, lng });
  };
  return el(
    "button",
    { type: "button", class: "pick", test: "place", onclick: pick },
    icon("location"),
    label,
  );
}

/** Ask for a place; `give` gets {label, lat, lng} in GCJ-02. */
export function placeSheet(give) {
  const typed = ({ label, lat, lng }) => give({ label: label.trim(), lat: Number(lat), lng: Number(lng) });
  const fields = [
    field("地名", input("label", { value: "我在这里" })),
    el(
      "div",
      { class: "pair" },
      field(
        "纬度",
        input("lat", {
          type: "number",
          step: "any",
          min: "-90",
          max: "90",
          required: true,
          value: "36.6232",
        }),
      ),
      field(
        "经度",
        input("lng", {
          type: "number",
          step: "any",
          min: "-180",
          max: "180",
          required: true,
          value: "101.7804",
        }),
      ),
    ),
  ];
  openSheet(
    "发位置",
    el(
      "div",
      { class: "stack" },
      PLACES.map((place) => placeButton(place, give)),
      el("details", {}, el("summary", {}, "自己写坐标"), sheetForm(fields, "发这个位置", typed)),
    ),
    { name: "place-sheet" },
  );
}

function linkSheet(send) {
  const fields = [
    field("标题", input("title", { required: true, value: "高龄补贴怎么领" })),
    field("说明", input("description", { value: "2026年的新办法" })),
    field("网址", input("url", { type: "url", required: true, value: "https://example.org/news" })),
  ];
  openSheet(
    "发链接",
    sheetForm(fields, "发链接", (values) => send({ kind: "link", ...values })),
    { name: "link-sheet" },
  );
}

const SHEETS = {
  image: imageSheet,
  voice: voiceSheet,
  link: linkSheet,
  location: (send) => placeSheet((place) => send({ kind: "location", ...place })),
};
const PLAIN = new Set(["sticker", "file", "video"]);

/** Start sending a thing; `send(body, bubble?)` is called once the person has chosen. */
export function sendThing(name, send) {
  if (PLAIN.has(name)) send({ kind: name });
  else SHEETS[name]?.(send);
}
