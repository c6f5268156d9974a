import { render } from "preact";
import { config } from "zod";

import "./style/base.css";
import "./style/parts.css";

// The library of forms makes code at run time where it may. Here it may not, and need not try: that must be said before a form is made.
config({ jitless: true });
const { App } = await import("./app/App.tsx");
const root = document.getElementById("app");
if (root !== null) render(<App />, root);
