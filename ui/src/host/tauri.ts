/**
 * The host in the real window: one line a command. Names of arguments are the commands' own, which Tauri spells
 * in camel case on this side.
 */
import { invoke } from "@tauri-apps/api/core";
import type { Host } from "./host";

export const tauri: Host = {
  vaultState: () => invoke("vault_state"),
  passwordStrength: (password) => invoke("password_strength", { password }),
  createVault: (password, accountCode) => invoke("create_vault", { password, accountCode }),
  kitConfirmed: () => invoke("kit_confirmed"),
  saveKit: (path) => invoke("save_kit", { path }),
  unlock: (password) => invoke("unlock", { password }),
  lock: () => invoke("lock"),
  recover: (server, email, kitText, newPassword) =>
    invoke("recover", { server, email, kitText, newPassword }),
  join: (server, email, password, kitText) => invoke("join", { server, email, password, kitText }),

  library: () => invoke("library"),
  createNovel: (title, language) => invoke("create_novel", { title, language }),
  sampleNovel: () => invoke("sample_novel"),
  chooseImport: (folder) => invoke("choose_import", { folder }),
  importPath: (path, title, language) => invoke("import_path", { path, title, language }),
  chooseExport: () => invoke("choose_export"),
  exportNovel: (novel, format, path) => invoke("export_novel", { novel, format, path }),

  outline: (novel) => invoke("outline", { novel }),
  addNode: (novel, node) => invoke("add_node", { novel, node }),
  renameNode: (novel, node, title) => invoke("rename_node", { novel, node, title }),
  moveNode: (novel, node, parent, index) => invoke("move_node", { novel, node, parent, index }),
  trashNode: (novel, node) => invoke("trash_node", { novel, node }),
  setStatus: (novel, node, status) => invoke("set_status", { novel, node, status }),
  setSynopsis: (novel, node, synopsis) => invoke("set_synopsis", { novel, node, synopsis }),

  openScene: (novel, scene) => invoke("open_scene", { novel, scene }),
  editScene: (edit) => invoke("edit_scene", { edit }),
  flush: () => invoke("flush"),
  closeScene: (novel, scene) => invoke("close_scene", { novel, scene }),
  search: (novel, text) => invoke("search", { novel, text }),

  connectServer: (server, email) => invoke("connect_server", { server, email }),
  syncNow: () => invoke("sync_now"),
  status: (since) => invoke("status", { since }),
  nextStatus: (since) => invoke("next_status", { since }),
};
