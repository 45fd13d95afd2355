/** How the vault is protected, as the program tells it: the vault's own part, and what it knows of the system. */
import type { Security as Vault } from "./bindings/Security";

export type Security = Vault & {
  /** Whether this system says when it sleeps or locks its screen. */
  watches_screen: boolean;
};
