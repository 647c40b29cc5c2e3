/**
 * Texts that have become scripts in other pages: tags, attributes, URLs, styles, templates, encodings, and what breaks out of quotes. Each sets
 * `window.ran` where it is taken for anything but text.
 */
export const markup: readonly string[] = [
  '<script>window.ran=1</script>',
  '</script><script>window.ran=1</script>',
  '<img src=x onerror=window.ran=1>',
  '"><img src=x onerror=window.ran=1>',
  "'><svg onload=window.ran=1>",
  '<svg><animate onbegin=window.ran=1 attributeName=x dur=1s>',
  '<iframe srcdoc="<script>parent.window.ran=1</script>"></iframe>',
  '<a href="javascript:window.ran=1">x</a>',
  'javascript:window.ran=1',
  'data:text/html,<script>window.ran=1</script>',
  '<details open ontoggle=window.ran=1>',
  '<math><mtext></table><mglyph><style><img src=x onerror=window.ran=1>',
  '<body onload=window.ran=1>',
  '<form><button formaction=javascript:window.ran=1>x',
  '<style>@import "javascript:window.ran=1"</style>',
  '<link rel=stylesheet href=x onerror=window.ran=1>',
  '<base href=//127.0.0.1:1/>',
  '<meta http-equiv=refresh content="0;url=javascript:window.ran=1">',
  '&lt;img src=x onerror=window.ran=1&gt;',
  '{{window.ran=1}}$(window.ran=1)<%= window.ran=1 %>',
  '\u202e<b onmouseover=window.ran=1>txt\u202c',
  '__proto__',
]
