/** The words of one language, as w32tm prints them; each value has one place. */
export interface Words {
  /** Labels with what stands between them and the value, in their order. */
  readonly labels: readonly string[]
  readonly leap: { readonly none: string; readonly unsynchronised: string }
  readonly stratum: {
    readonly none: string
    readonly primary: string
    readonly secondary: string
  }
  readonly perTick: string
  readonly unspecified: string
  readonly sourceIp: string
  readonly states: readonly [string, string, string]
  readonly none: string
  readonly errors: readonly string[]
  readonly notStarted: string
  /** A date and a time. */
  readonly stamp: (
    date: readonly [y: string, m: string, d: string],
    hour: number,
    rest: string,
  ) => string
}

const two = (hour: number): string => String(hour).padStart(2, '0')

const english: Words = {
  labels: [
    'Leap Indicator: ',
    'Stratum: ',
    'Precision: ',
    'Root Delay: ',
    'Root Dispersion: ',
    'ReferenceId: ',
    'Last Successful Sync Time: ',
    'Source: ',
    'Poll Interval: ',
    'Phase Offset: ',
    'ClockRate: ',
    'State Machine: ',
    'Time Source Flags: ',
    'Server Role: ',
    'Last Sync Error: ',
    'Time since Last Good Sync Time: ',
  ],
  leap: { none: '0(no warning)', unsynchronised: '3(not synchronized)' },
  stratum: {
    none: 'unspecified',
    primary: 'primary reference - syncd by radio clock',
    secondary: 'secondary reference - syncd by (S)NTP',
  },
  perTick: 'per tick',
  unspecified: 'unspecified',
  sourceIp: 'source IP:  ',
  states: ['Unset', 'Hold', 'Sync'],
  none: 'None',
  errors: [
    'The command completed successfully.',
    'The computer did not resync because no time data was available.',
    'The computer did not resync because only stale time data was available.',
    'The computer did not resync because the required time change was too big.',
  ],
  notStarted: 'The following error occurred: The service has not been started. (0x80070426)',
  stamp: ([y, m, d], hour, rest) =>
    `${Number(m)}/${Number(d)}/${y} ${hour % 12 || 12}:${rest} ${hour < 12 ? 'AM' : 'PM'}`,
}

const german: Words = {
  labels: [
    'Sprungindikator: ',
    'Stratum: ',
    'Präzision: ',
    'Stammverzögerung: ',
    'Stammabweichung: ',
    'Referenz-ID: ',
    'Letzte erfolgr. Synchronisierungszeit: ',
    'Quelle: ',
    'Abrufintervall: ',
    'Phasendifferenz: ',
    'Taktfrequenz: ',
    'Statuscomputer: ',
    'Zeitquellenkennzeichen: ',
    'Serverrolle: ',
    'Letzter Synchronierungsfehler: ',
    'Zeit seit der letzten erfolgr. Synchronisierungszeit: ',
  ],
  leap: { none: '0(keine Warnung)', unsynchronised: '3(nicht synchronisiert)' },
  stratum: {
    none: 'nicht angegeben',
    primary: 'Primärreferenz - synchr. über Funkuhr',
    secondary: 'Sekundärreferenz - synchr. über (S)NTP',
  },
  perTick: 'pro Tick',
  unspecified: 'nicht angegeben',
  sourceIp: 'Quell-IP:  ',
  states: ['Nicht festgelegt', 'Halten', 'Sync'],
  none: 'Keine',
  errors: [
    'Der Befehl wurde erfolgreich ausgeführt.',
    'Der Computer wurde nicht synchronisiert, da keine Zeitdaten\nverfügbar waren.',
    'Der Computer wurde nicht synchronisiert, da nur veraltete Zeitdaten\nverfügbar waren.',
    'Der Computer wurde nicht synchronisiert, da die erforderliche\nZeitänderung zu groß war.',
  ],
  notStarted: 'Folgender Fehler ist aufgetreten: Der Dienst wurde nicht gestartet. (0x80070426)',
  stamp: ([y, m, d], hour, rest) => `${d}.${m}.${y} ${two(hour)}:${rest}`,
}

const french: Words = {
  labels: [
    'Indicateur de dérive\u00a0: ',
    'Couche\u00a0: ',
    'Précision\u00a0: ',
    'Délai de racine\u00a0: ',
    'Dispersion de racine\u00a0: ',
    'ID de référence\u00a0: ',
    'Heure de la dernière synchronisation réussie\u00a0: ',
    'Source\u00a0: ',
    "Intervalle d'interrogation\u00a0: ",
    'Décalage de phase\u00a0: ',
    "Fréquence d'horloge\u00a0: ",
    "Ordinateur d'état\u00a0: ",
    'Indicateur de source de temps\u00a0: ',
    'Rôle de serveur\u00a0: ',
    'Erreur lors de la dernière synchronisation\u00a0: ',
    "Durée écoulée depuis l'heure de la dernière synchronisation réussie\u00a0: ",
  ],
  leap: { none: '0(Aucun avertissement)', unsynchronised: '3(non synchronisé)' },
  stratum: {
    none: 'non spécifié',
    primary: 'Référence principale, synchronisée par horloge radio',
    secondary: 'Référence secondaire, synchronisée par (S)NTP',
  },
  perTick: 'par battement',
  unspecified: 'non spécifié',
  sourceIp: 'IP de la source\u00a0:  ',
  states: ['Non défini', 'Attente', 'Synchronisation'],
  none: 'Aucun',
  errors: [
    "La commande s'est terminée correctement.",
    "L'ordinateur ne s'est pas resynchronisé, car aucune donnée de temps\nn'était disponible.",
    "L'ordinateur ne s'est pas resynchronisé, car seules des données de\ntemps périmées étaient disponibles.",
    "L'ordinateur ne s'est pas resynchronisé, car le changement d'heure\nrequis était trop important.",
  ],
  notStarted:
    "L'erreur suivante s'est produite\u00a0: Le service n'a pas été démarré. (0x80070426)",
  stamp: ([y, m, d], hour, rest) => `${d}/${m}/${y} ${two(hour)}:${rest}`,
}

const japanese: Words = {
  labels: [
    '閏インジケーター: ',
    '階層: ',
    '精度: ',
    'ルート遅延: ',
    'ルート分散: ',
    '参照 ID: ',
    '最終正常同期時刻: ',
    'ソース: ',
    'ポーリング間隔: ',
    'フェーズ オフセット: ',
    'クロック レート: ',
    'ステート マシン: ',
    'タイム ソース フラグ:',
    'サーバーの役割: ',
    '最終同期エラー: ',
    '最終正常同期時刻からの時間: ',
  ],
  leap: { none: '0 (警告なし)', unsynchronised: '3 (非同期)' },
  stratum: {
    none: '未指定',
    primary: '一次参照 - 電波時計で同期',
    secondary: '二次参照 - (S)NTP で同期',
  },
  perTick: 'ティックごとに',
  unspecified: '未指定',
  sourceIp: 'ソース IP:  ',
  states: ['設定解除', '保留', '同期'],
  none: 'なし',
  errors: [
    'コマンドは正しく完了しました。',
    '時刻データが利用できなかったため、コンピューターは再同期されませんでした。',
    '古い時刻データしか利用できなかったため、コンピューターは再同期\nされませんでした。',
    '必要な時刻の変更が大きすぎたため、コンピューターは再同期\nされませんでした。',
  ],
  notStarted: '次のエラーが発生しました: サービスは開始されていません。 (0x80070426)',
  stamp: ([y, m, d], hour, rest) =>
    `${y}/${m}/${d} ${hour < 12 ? '午前' : '午後'} ${hour % 12}:${rest}`,
}

export const languages = { english, german, french, japanese }
export type Language = keyof typeof languages
