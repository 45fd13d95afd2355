/** What this vault syncs with: a folder is told from a server by how its address begins. */
const FOLDER = "folder:";

/** The folder's path on this laptop. Null: it is a server, or nothing. */
export const folderOf = (server: string | null): string | null =>
  server?.startsWith(FOLDER) ? server.slice(FOLDER.length) : null;
