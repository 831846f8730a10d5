// The people of an organisation, all of them or one: what is shown once, and a search among many.

import { actionsStart, onceShow } from "./actions.js";
import { find, findAll } from "./elements.js";

const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

function onceWords({ login, link, passphrase, expires_at: expires }) {
  if (link) {
    return {
      what: `Invitation for ${login}`,
      text: link,
      hint: `It was sent by e-mail too. It serves once, until ${format.format(new Date(expires))}; it is not shown again.`,
    };
  }
  const hint = "Hand it over by another way than e-mail: in person, by telephone or on paper. It is not shown again.";
  return { what: `For ${login}`, text: passphrase, hint };
}

export function teamStart(page, tools) {
  const answered = async (answer) => {
    if (!answer.link && !answer.passphrase) return false;
    await tools.reload();
    onceShow(document.querySelector("#main [data-page]"), onceWords(answer));
    return true;
  };
  find(page, "search")?.addEventListener("input", ({ target }) => {
    const words = target.value.trim().toLowerCase();
    for (const row of findAll(page, "person")) row.hidden = !row.textContent.toLowerCase().includes(words);
  });
  return actionsStart(page, { ...tools, answered });
}
