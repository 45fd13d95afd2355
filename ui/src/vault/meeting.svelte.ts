/** Where the laptops of an account meet, as the author fills it in: on a server, or in a folder. */
export class Meeting {
  where = $state<"server" | "folder">("server");
  server = $state("");
  email = $state("");
  /** Its path on this laptop. */
  folder = $state("");
}
