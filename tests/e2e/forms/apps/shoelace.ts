import '@shoelace-style/shoelace/dist/components/button/button.js';
import '@shoelace-style/shoelace/dist/components/input/input.js';

document.querySelector('#app')!.innerHTML = '<form id="lead" method="post" action="/send"><sl-input name="name"></sl-input><sl-input name="phone" pattern="[+0-9]{9,}"></sl-input><sl-button type="submit">Send</sl-button></form>';
