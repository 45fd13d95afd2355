/** The invented program's doors: the vault, its laptops, and novels with a passphrase. */
import { failure } from "./fake-base";
import { FakeSync } from "./fake-sync";
import type { DeviceCard, JoinAsking, JoinState, Kit, PasswordStrength, Security, VaultState } from "./host";

export class FakeKeys extends FakeSync {
  async vaultState(): Promise<VaultState> {
    return this.state;
  }

  async passwordStrength(password: string): Promise<PasswordStrength> {
    const score = Math.min(4, Math.floor(new Set(password).size / 4));
    const advice = score < 3 ? "Add a word or two that do not belong together." : null;
    return { score, accepted: score >= 3, advice };
  }

  async createVault(password: string, accountCode: boolean): Promise<Kit> {
    this.password = password;
    this.vault.accountCode = accountCode;
    this.become("open");
    return this.vault.kit();
  }

  async kitConfirmed(): Promise<void> {}

  async saveKit(path: string | null): Promise<string | null> {
    return path ?? "/home/author/Documents/Seshat Emergency Kit.txt";
  }

  async saveKitPage(path: string | null): Promise<string | null> {
    return path ?? "/home/author/Documents/Seshat Emergency Kit.html";
  }

  async unlock(password: string): Promise<void> {
    this.vault.check(password);
    this.become("open");
  }

  async lock(): Promise<void> {
    this.become("locked");
  }

  async recover(
    server: string | null,
    email: string | null,
    kitText: string,
    newPassword: string,
  ): Promise<void> {
    if (kitText.trim().split(/\s+/).length < 24)
      throw failure("other", "This is no Emergency Kit that can be used.");
    this.password = newPassword;
    if (server !== null && email !== null) await this.connectServer(server, email);
    this.become("open");
  }

  async join(server: string, email: string, password: string): Promise<void> {
    this.password = password;
    await this.connectServer(server, email);
    this.become("open");
  }

  async askToJoin(server: string, email: string): Promise<void> {
    this.say({ server, email });
    this.vault.joining = { step: "waiting", code: null };
  }

  async joinState(): Promise<JoinState> {
    if (this.vault.joining.step === "joined" && this.state !== "open") this.become("open");
    return { ...this.vault.joining };
  }

  async cancelJoin(): Promise<void> {
    this.vault.joining = { step: "ended", code: null };
  }

  async remembered(): Promise<boolean> {
    return (this.vault.facts.remembered_until ?? 0) > Date.now();
  }

  async unlockRemembered(): Promise<void> {
    if (this.vault.facts.keychain !== "ready")
      throw failure("other", "The system's keychain is locked; your novels are safe; use the password.");
    this.become("open");
  }

  async security(): Promise<Security> {
    this.mustBeOpen();
    return this.vault.security();
  }

  async changePassword(current: string, newPassword: string): Promise<void> {
    this.vault.change(current, newPassword);
  }

  async rotateVault(current: string, newPassword: string): Promise<Kit> {
    return this.vault.rotate(current, newPassword);
  }

  async showKit(password: string): Promise<Kit> {
    this.vault.check(password);
    return this.vault.kit();
  }

  async newKit(password: string): Promise<Kit> {
    return this.vault.renew(password);
  }

  async calibrate(password: string): Promise<void> {
    this.vault.check(password);
    this.vault.facts.memory_mib *= 2;
  }

  async remember(days: number): Promise<void> {
    this.vault.remember(days);
  }

  async forgetRemembered(): Promise<void> {
    this.vault.facts.remembered_until = null;
  }

  async setIdleMinutes(minutes: number | null): Promise<void> {
    this.vault.facts.idle_minutes = minutes;
  }

  async active(): Promise<void> {
    this.vault.stirred += 1;
  }

  async devices(): Promise<DeviceCard[]> {
    this.mustBeOpen();
    return structuredClone(this.vault.devices);
  }

  async renameDevice(device: string, name: string): Promise<void> {
    this.vault.device(device).name = name;
  }

  async revokeDevice(device: string): Promise<void> {
    this.vault.revoke(device);
  }

  async joins(): Promise<JoinAsking[]> {
    return structuredClone(this.vault.requests);
  }

  async approveJoin(join: string, name: string): Promise<void> {
    this.vault.approve(join, name);
    this.say({ joins: this.vault.requests.length });
  }

  async denyJoin(join: string): Promise<void> {
    this.vault.deny(join);
    this.say({ joins: this.vault.requests.length });
  }

  async dismissAlarm(alarm: number): Promise<void> {
    this.say({ alarms: this.report.alarms.filter((one) => one.id !== alarm) });
  }

  async lockNovel(novel: string, passphrase: string, recoveryCopy: boolean): Promise<void> {
    this.vault.lockNovel(novel, passphrase, recoveryCopy);
  }

  async openNovel(novel: string, passphrase: string): Promise<void> {
    this.vault.openNovel(novel, passphrase);
  }

  async openNovelWithKit(novel: string, kitText: string): Promise<void> {
    this.vault.openNovelWithKit(novel, kitText);
  }

  async closeNovel(novel: string): Promise<void> {
    this.vault.closeNovel(novel);
  }

  async unlockNovelForGood(novel: string): Promise<void> {
    this.vault.locks.delete(novel);
  }
}
