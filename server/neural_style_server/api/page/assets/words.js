// Texts in the page's language: `tr` and `ntr` as in the plug-ins, from the same catalogues. English is in the code.

/** @typedef {{texts: Record<string, string|string[]>, problems: Record<string, [string, string]>}} Words */

export const language = document.documentElement.lang;
const rules = new Intl.PluralRules(language);
const words = await load();

/** @returns {Promise<Words>} */
async function load() {
  const none = { texts: {}, problems: {} };
  if (language === "en") return none;
  const answer = await fetch(`/assets/words.${language}.json`);
  return answer.ok ? answer.json() : none;
}

/**
 * The text in the page's language, its {} filled with the values.
 * @param {string} text @param {...any} values
 */
export function tr(text, ...values) {
  const found = words.texts[text];
  return filled(typeof found === "string" ? found : text, values);
}

/**
 * The text for so many; its {} are filled with the values, or with the count alone.
 * @param {string} one @param {string} many @param {number} count @param {...any} values
 */
export function ntr(one, many, count, ...values) {
  const found = words.texts[one];
  const forms = Array.isArray(found) ? found : [one, many];
  const place = rules.resolvedOptions().pluralCategories.length === 1 || rules.select(count) === "one" ? 0 : 1;
  return filled(forms[Math.min(place, forms.length - 1)], values.length ? values : [count]);
}

/** @param {string} text @param {any[]} values */
function filled(text, values) {
  let at = 0;
  return text.replace(/\{(\d*)\}/g, (_, number) => String(values[number === "" ? at++ : Number(number)]));
}

/** With the decimal sign of the language. @param {number} value @param {number} digits */
export const number = (value, digits) =>
  value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false });

/** What a code of the daemon's means: what happened, and what to do. English has the daemon's own words. @param {string} code */
export const problem = (code) => words.problems[code];

/** @param {Record<string, any>} preset */
export const title = (preset) => (preset.read_only ? tr(preset.title) : preset.title);

/** @param {Record<string, any>} preset */
export const description = (preset) => (preset.read_only ? tr(preset.description) : preset.description);
