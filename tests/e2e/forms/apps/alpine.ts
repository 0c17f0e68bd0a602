import Alpine from 'alpinejs';

Alpine.data('lead', () => ({
  name: '',
  phone: '',
  wrong: false,
  done: false,
  async send() {
    this.wrong = this.phone.length < 9;
    if (this.wrong) return;
    await fetch('/api', { method: 'POST', body: JSON.stringify({ name: this.name, phone: this.phone }) });
    this.done = true;
  },
}));
document.querySelector('#app')!.innerHTML = `<div x-data="lead"><form id="lead" @submit.prevent="send"><input name="name" x-model="name"><input name="phone" x-model="phone" :aria-invalid="wrong"><button>Send</button></form><template x-if="done"><p class="done">Thank you</p></template></div>`;
Alpine.start();
