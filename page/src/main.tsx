import { render } from "preact";
import { config } from "zod";

import { Framed } from "./app/Framed.tsx";
import "./style/base.css";
import "./style/parts.css";

// The library of forms makes code at run time where it may. Here it may not, and need not try: that must be said before a form is made.
config({ jitless: true });
const { App } = await import("./app/App.tsx");
const root = document.getElementById("app");
/** Whether another page shows this one within itself, and could lay something over it. Servers forbid it; not all that serve files do. */
const isFramed = self !== top;
if (root !== null) render(isFramed ? <Framed /> : <App />, root);
