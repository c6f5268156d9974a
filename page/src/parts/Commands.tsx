/** A sentence with commands in backquotes, such as `node show 3`, each as one types it. */
export function Commands({ text }: { readonly text: string }) {
  return <>{text.split("`").map((part, i) => (i % 2 === 0 ? part : <code key={i}>npx hardhat {part}</code>))}</>;
}
