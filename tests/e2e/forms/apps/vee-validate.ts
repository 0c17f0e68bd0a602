import { ErrorMessage, Field, Form } from 'vee-validate';
import { createApp, defineComponent, h, ref } from 'vue';

const App = defineComponent(() => {
  const done = ref(false);
  const submit = async (values: object) => {
    await fetch('/api', { method: 'POST', body: JSON.stringify(values) });
    done.value = true;
  };
  return () => [
    h(Form, { id: 'lead', onSubmit: submit } as object, {
      default: () => [
        h(Field, { name: 'name' }),
        h(Field, { name: 'phone', rules: (value?: string) => (value && value.length > 8 ? true : 'too short') }),
        h(ErrorMessage, { name: 'phone', class: 'input-error' }),
        h('button', 'Send'),
      ],
    }),
    done.value && h('p', { class: 'done' }, 'Thank you'),
  ];
});

createApp(App).mount('#app');
