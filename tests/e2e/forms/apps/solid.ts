import { createSignal } from 'solid-js';
import html from 'solid-js/html';
import { render } from 'solid-js/web';

const App = () => {
  const [wrong, mark] = createSignal(false);
  const [done, finish] = createSignal(false);
  const send = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const values = Object.fromEntries(new FormData(form));
    mark(String(values.phone).length < 9);
    if (wrong()) return;
    await fetch('/api', { method: 'POST', body: JSON.stringify(values) });
    form.reset();
    finish(true);
  };
  return html`<form id="lead" onsubmit=${send}><input name="name" /><input name="phone" aria-invalid=${() => (wrong() ? 'true' : 'false')} /><button>Send</button></form>
    ${() => (done() ? html`<p class="done">Thank you</p>` : '')}`;
};

render(App, document.querySelector('#app')!);
