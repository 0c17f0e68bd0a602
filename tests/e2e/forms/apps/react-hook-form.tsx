import { createRoot } from 'react-dom/client';
import { useState } from 'react';
import { useForm } from 'react-hook-form';

const App = () => {
  const { register, handleSubmit, formState } = useForm<{ name: string; phone: string }>();
  const [done, finish] = useState(false);
  const { errors } = formState;
  return (
    <>
      <form
        id="lead"
        onSubmit={handleSubmit(async (values) => {
          await fetch('/api', { method: 'POST', body: JSON.stringify(values) });
          finish(true);
        })}
      >
        <input {...register('name', { required: true })} aria-invalid={errors.name ? 'true' : 'false'} />
        <input {...register('phone', { minLength: { value: 9, message: 'too short' } })} aria-invalid={errors.phone ? 'true' : 'false'} />
        {errors.phone && <p role="alert">{errors.phone.message}</p>}
        <button>Send</button>
      </form>
      {done && <p className="done">Thank you</p>}
    </>
  );
};

createRoot(document.querySelector('#app')!).render(<App />);
