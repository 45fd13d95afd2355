import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

/**
 * The window's content security policy allows files of our own and nothing else: no inline script or style, no
 * `data:` address. That is why nothing is inlined here and why the module preload helper stays out.
 *
 * `dev.html` is the same window on an invented library, for looking at it in a browser. Only `index.html` is
 * built, so none of that ships.
 */
export default defineConfig({
  plugins: [svelte()],
  clearScreen: false,
  server: { port: 1420, strictPort: true, host: "127.0.0.1" },
  build: {
    target: "safari16",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  resolve: process.env.VITEST ? { conditions: ["browser"] } : {},
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.ts"],
    setupFiles: ["src/dev/test-setup.ts"],
  },
});
