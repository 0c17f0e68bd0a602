import { html, LitElement } from 'lit';

class LeadForm extends LitElement {
  static override properties = { wrong: { state: true }, done: { state: true } };
  declare wrong: boolean;
  declare done: boolean;
  private async send(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(event.target as HTMLFormElement));
    this.wrong = String(values.phone).length < 9;
    if (this.wrong) return;
    await fetch('/api', { method: 'POST', body: JSON.stringify(values) });
    this.done = true;
  }
  protected override render(): unknown {
    return html`<form id="lead" @submit=${this.send}><input name="name"><input name="phone" aria-invalid=${this.wrong ? 'true' : 'false'}><button>Send</button></form>${this.done ? html`<p class="done">Thank you</p>` : ''}`;
  }
}
customElements.define('lead-form', LeadForm);
document.querySelector('#app')!.innerHTML = '<lead-form></lead-form>';
