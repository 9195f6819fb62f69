// The subscription popup of WeChat: the person allows a notice once, always, or not at all.

import { control } from "./api.js";
import { el } from "./dom.js";
import { closeSheet, openSheet } from "./sheet.js";

const ANSWERS = [
  ["accept", "允许", "primary"],
  ["always", "总是允许", "quiet"],
  ["reject", "拒绝", "quiet"],
  ["off", "在设置里关掉", "quiet"],
];

/** The notices that need a grant: one-time (2) and long-term (3); templates of the other kind need none. */
async function templatesOf(account) {
  const { accounts } = await control.apps().catch(() => ({ accounts: [] }));
  const all = accounts.find(({ name }) => name === account)?.templates ?? [];
  return all.filter(({ type }) => type === 2 || type === 3);
}

function answerButton([answer, label, look], template, give) {
  const press = () => {
    closeSheet();
    give(template.template_id, answer);
  };
  return el(
    "button",
    {
      type: "button",
      class: look,
      test: "popup-answer",
      data: { answer, template: template.template_id },
      onclick: press,
    },
    label,
  );
}

function ask(template, give) {
  return el(
    "section",
    { class: "ask", test: "popup" },
    el("strong", {}, template.title || template.template_id),
    el(
      "div",
      { class: "answers" },
      ANSWERS.map((answer) => answerButton(answer, template, give)),
    ),
  );
}

/** Show the popup for every template of the account, or for those that a page asks for; `give(template id, answer)`. */
export async function grantSheet(account, displayName, give, wanted = null) {
  const all = await templatesOf(account);
  const templates = all.filter(({ template_id }) => !wanted || wanted.includes(template_id));
  const none = el("p", { class: "empty" }, "这个公众号还没有可以订阅的通知。");
  openSheet(
    "订阅通知",
    el(
      "div",
      { class: "stack" },
      el("p", {}, `${displayName} 想给您发下面的通知。“允许”只发一次，“总是允许”以后不再问。`),
      templates.length ? templates.map((template) => ask(template, give)) : none,
    ),
    { name: "popup-sheet" },
  );
}
