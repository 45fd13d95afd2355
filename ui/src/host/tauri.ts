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
  saveKitPage: (path) => invoke("save_kit_page", { path }),
  unlock: (password) => invoke("unlock", { password }),
  lock: () => invoke("lock"),
  recover: (server, email, kitText, newPassword) =>
    invoke("recover", { server, email, kitText, newPassword }),
  join: (server, email, password, kitText) => invoke("join", { server, email, password, kitText }),
  askToJoin: (server, email) => invoke("ask_to_join", { server, email }),
  joinState: () => invoke("join_state"),
  cancelJoin: () => invoke("cancel_join"),
  remembered: () => invoke("remembered"),
  unlockRemembered: () => invoke("unlock_remembered"),

  security: () => invoke("security"),
  changePassword: (current, newPassword) => invoke("change_password", { current, newPassword }),
  rotateVault: (current, newPassword) => invoke("rotate_vault", { current, newPassword }),
  showKit: (password) => invoke("show_kit", { password }),
  newKit: (password) => invoke("new_kit", { password }),
  calibrate: (password) => invoke("calibrate", { password }),
  remember: (days) => invoke("remember", { days }),
  forgetRemembered: () => invoke("forget_remembered"),
  setIdleMinutes: (minutes) => invoke("set_idle_minutes", { minutes }),
  active: () => invoke("active"),

  devices: () => invoke("devices"),
  renameDevice: (device, name) => invoke("rename_device", { device, name }),
  revokeDevice: (device) => invoke("revoke_device", { device }),
  joins: () => invoke("joins"),
  approveJoin: (join, name) => invoke("approve_join", { join, name }),
  denyJoin: (join) => invoke("deny_join", { join }),
  dismissAlarm: (alarm) => invoke("dismiss_alarm", { alarm }),

  lockNovel: (novel, passphrase, recoveryCopy) => invoke("lock_novel", { novel, passphrase, recoveryCopy }),
  openNovel: (novel, passphrase) => invoke("open_novel", { novel, passphrase }),
  openNovelWithKit: (novel, kitText) => invoke("open_novel_with_kit", { novel, kitText }),
  closeNovel: (novel) => invoke("close_novel", { novel }),
  unlockNovelForGood: (novel) => invoke("unlock_novel_for_good", { novel }),

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
