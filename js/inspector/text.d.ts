/** Style sheets come in as text: the panel adopts them, no element carries them. */
declare module '*.css' {
  const text: string;
  export default text;
}
