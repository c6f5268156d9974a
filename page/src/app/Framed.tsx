/** Stands where the page would be within another one. */
export function Framed() {
  return (
    <main>
      <h1>Computing Power Platform</h1>
      <p>This page shows nothing within another one, which could lay something over it.</p>
      <a href={location.href} target="_blank" rel="noopener noreferrer">
        Open it by itself
      </a>
    </main>
  );
}
