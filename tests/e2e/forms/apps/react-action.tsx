import { useActionState } from 'react';
import { createRoot } from 'react-dom/client';

const App = () => {
  // React resets the form's fields once the action is over.
  const [state, act] = useActionState(async (_: string, values: FormData) => {
    if (String(values.get('phone')).length < 9) return 'wrong';
    await fetch('/api', { method: 'POST', body: values });
    return 'done';
  }, '');
  return (
    <>
      <form id="lead" action={act}>
        <input name="name" />
        <input name="phone" aria-invalid={state === 'wrong'} />
        {state === 'wrong' && <em>too short</em>}
        <button>Send</button>
      </form>
      {state === 'done' && <p className="done">Thank you</p>}
    </>
  );
};

createRoot(document.querySelector('#app')!).render(<App />);
