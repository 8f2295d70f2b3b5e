// The page that the binary serves at /demo.
import { render } from "preact";
import { App } from "./app.js";

const root = document.getElementById("demo");
if (root) render(<App />, root);
