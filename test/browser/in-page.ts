import { FrameKind, headBytes } from '../../src/dashboard/contract/fleet-frame'

/**
 * What a page notes of itself, run before its own scripts: when a live value first stood there, how long the last hour of a key took from asked to drawn, and how
 * old the newest reading of each frame of a key was when it was drawn. As text: it runs in the browser.
 */
export const inPage = `
window.noted = { firstLiveMs: null, hourMs: null, agesMs: [] }
new MutationObserver((_, observer) => {
  const value = document.querySelector('.application .figure dd')
  if (!/[0-9]/.test(value?.textContent ?? '')) return
  window.noted.firstLiveMs = performance.now()
  observer.disconnect()
}).observe(document, { subtree: true, childList: true, characterData: true })
new MutationObserver((_, observer) => {
  if (!/Line and band/.test(document.querySelector('.key-facts')?.textContent ?? '')) return
  observer.disconnect()
  const asked = performance.getEntriesByType('resource').find(each => each.name.includes('/api/fleet/history'))
  requestAnimationFrame(() =>
    requestAnimationFrame(() => (window.noted.hourMs = asked === undefined ? null : performance.now() - asked.startTime)),
  )
}).observe(document, { subtree: true, childList: true, characterData: true })
window.WebSocket = class extends WebSocket {
  constructor(...all) {
    super(...all)
    this.addEventListener('message', ({ data }) => {
      if (!(data instanceof ArrayBuffer)) return
      const frame = new DataView(data, 4)
      const count = frame.getUint32(4, true)
      if (frame.getUint8(0) !== ${FrameKind.points} || count === 0) return
      const newest = frame.getFloat64(${headBytes} + 8 * (count - 1), true)
      requestAnimationFrame(() => requestAnimationFrame(() => window.noted.agesMs.push(Date.now() - newest)))
    })
  }
}
`
