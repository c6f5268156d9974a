import type { ComponentChildren } from "preact";

/** A part of a place, with a heading of its own. */
export function Card(props: {
  readonly title: ComponentChildren;
  /** Where its numbers come from, in a few words. */
  readonly source?: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  const { title, source, actions, children } = props;
  return (
    <section class="card">
      <header>
        <h2>{title}</h2>
        {actions !== undefined && <div class="actions">{actions}</div>}
      </header>
      {children}
      {source !== undefined && <footer class="source">Source: {source}</footer>}
    </section>
  );
}

/** A figure with its name. */
export function Figure({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div class="figure">
      <div class="name">{name}</div>
      <div class="value">{children}</div>
    </div>
  );
}

/** A state in a word, in its colour. */
export function Badge(props: {
  readonly kind: "good" | "warning" | "bad" | "plain";
  readonly title?: string;
  readonly children: ComponentChildren;
}) {
  return (
    <span class={`badge ${props.kind}`} title={props.title}>
      {props.children}
    </span>
  );
}
