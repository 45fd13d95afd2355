/** The window's beginning: our own program behind it, and the one component that holds all others. */
import "./shared/base.css";
import { mount } from "svelte";
import { tauri } from "./host/tauri";
import App from "./views/App.svelte";
import { Seshat } from "./views/seshat.svelte";

mount(App, { target: document.body, props: { seshat: new Seshat(tauri) } });
