// <ns-controls>: the sliders that the server has written. Each starts at the style's own value. Fires "change".

export class Controls extends HTMLElement {
  /** @type {Record<string, number>} */
  own = {};

  connectedCallback() {
    if (this.words) return;
    this.words = JSON.parse(this.dataset.words ?? "{}");
    this.addEventListener("input", (event) => this.label(/** @type {HTMLInputElement} */ (event.target)));
    this.querySelector("#reset")?.addEventListener("click", () => {
      this.set(this.own);
      this.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }

  /** @returns {HTMLInputElement[]} */
  get sliders() {
    return [...this.querySelectorAll("input")];
  }

  /** @param {Record<string, any>} preset */
  start(preset) {
    for (const slider of this.sliders) this.own[slider.name] = this.number(preset.controls[slider.name], slider);
    this.set(this.own);
  }

  /** @param {Record<string, any>} values */
  set(values) {
    for (const slider of this.sliders) {
      if (slider.name in values) slider.value = String(this.number(values[slider.name], slider));
      this.label(slider);
    }
  }

  /** Only what is not the style's own. @returns {Record<string, number>} */
  get changed() {
    const all = this.sliders.map((slider) => /** @type {[string, number]} */ ([slider.name, Number(slider.value)]));
    return Object.fromEntries(all.filter(([name, value]) => value !== this.own[name]));
  }

  /** @param {any} value @param {HTMLInputElement} slider */
  number(value, slider) {
    const given = typeof value === "string" ? this.words[value] : value;
    return Math.round(given ?? (Number(slider.min) + Number(slider.max)) / 2);
  }

  /** @param {HTMLInputElement} slider */
  label(slider) {
    const output = this.querySelector(`output[for="${slider.id}"]`);
    if (output) output.textContent = slider.value;
    const share = (Number(slider.value) - Number(slider.min)) / (Number(slider.max) - Number(slider.min));
    slider.style.setProperty("--share", String(share));
    slider.closest(".control")?.classList.toggle("changed", Number(slider.value) !== this.own[slider.name]);
  }
}

customElements.define("ns-controls", Controls);
