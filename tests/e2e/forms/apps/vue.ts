import { createApp, defineComponent, h, reactive } from 'vue';

const App = defineComponent(() => {
  const state = reactive({ name: '', phone: '', wrong: false, done: false });
  const field = (name: 'name' | 'phone') => h('input', { name, value: state[name], 'aria-invalid': name === 'phone' && state.wrong, onInput: (event: Event) => (state[name] = (event.target as HTMLInputElement).value) });
  const submit = async (event: Event) => {
    event.preventDefault();
    state.wrong = state.phone.length < 9;
    if (state.wrong) return;
    await fetch('/api', { method: 'POST', body: JSON.stringify(state) });
    state.done = true;
  };
  return () => [h('form', { id: 'lead', onSubmit: submit }, [field('name'), field('phone'), h('button', 'Send')]), state.done && h('p', { class: 'done' }, 'Thank you')];
});

createApp(App).mount('#app');
