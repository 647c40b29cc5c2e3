import type { ComponentChildren } from 'preact'

const Icon = ({ children }: { readonly children: ComponentChildren }) => (
  <svg
    viewBox="0 0 16 16"
    width="16"
    height="16"
    aria-hidden="true"
    fill="none"
    stroke="currentColor"
    stroke-width="1.5"
    stroke-linecap="round"
    stroke-linejoin="round"
  >
    {children}
  </svg>
)

/** Water over a weir. */
export const BrandIcon = () => (
  <svg viewBox="0 0 20 20" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round">
    <path d="M1.5 6h6c3.4 0 2.6 8.5 6 8.5h5" />
    <path d="M1.5 10.2h3.6M1.5 14.5h5.4" opacity=".45" />
    <path d="M12.6 6h5.9" opacity=".45" />
  </svg>
)
export const MenuIcon = () => (
  <Icon>
    <path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11" />
  </Icon>
)
export const CloseIcon = () => (
  <Icon>
    <path d="m4 4 8 8M12 4l-8 8" />
  </Icon>
)
export const OverviewIcon = () => (
  <Icon>
    <path d="M2.5 9.5h2.2l1.8-5 2.8 8 1.9-5.2.9 2.2h1.4" />
  </Icon>
)
export const TopologyIcon = () => (
  <Icon>
    <rect x="1.8" y="6" width="4" height="4" rx="1" />
    <rect x="10.2" y="2.2" width="4" height="4" rx="1" />
    <rect x="10.2" y="9.8" width="4" height="4" rx="1" />
    <path d="M5.8 8h2.2V4.2h2.2M8 8v3.8h2.2" />
  </Icon>
)
export const FleetIcon = () => (
  <Icon>
    <path d="M2.5 2.5h3v3h-3zM6.5 2.5h3v3h-3zM10.5 2.5h3v3h-3zM2.5 6.5h3v3h-3zM6.5 6.5h3v3h-3zM10.5 6.5h3v3h-3zM2.5 10.5h3v3h-3zM6.5 10.5h3v3h-3z" />
  </Icon>
)
export const BrokersIcon = () => (
  <Icon>
    <rect x="2.2" y="2.5" width="11.6" height="4.6" rx="1" />
    <rect x="2.2" y="8.9" width="11.6" height="4.6" rx="1" />
    <path d="M4.8 4.8h.01M4.8 11.2h.01" />
  </Icon>
)
export const TopicsIcon = () => (
  <Icon>
    <path d="M2.5 4h11M2.5 8h11M2.5 12h7" />
  </Icon>
)
export const GroupsIcon = () => (
  <Icon>
    <circle cx="6" cy="5.5" r="2.3" />
    <path d="M1.8 13c.3-2.5 2-3.8 4.2-3.8s3.9 1.3 4.2 3.8M10.3 3.5a2.1 2.1 0 0 1 0 4M12 9.6c1.3.5 2.1 1.7 2.3 3.4" />
  </Icon>
)
export const SchemasIcon = () => (
  <Icon>
    <path d="M5.8 2.5c-1.6 0-1.9.700-1.9 2v1.7c0 1-.5 1.8-1.5 1.8 1 0 1.5.8 1.5 1.8v1.7c0 1.3.3 2 1.9 2M10.2 2.5c1.6 0 1.9.700 1.9 2v1.7c0 1 .5 1.8 1.5 1.8-1 0-1.5.8-1.5 1.8v1.7c0 1.3-.3 2-1.9 2" />
  </Icon>
)
export const LettersIcon = () => (
  <Icon>
    <rect x="2" y="3.5" width="12" height="9" rx="1.2" />
    <path d="m2.4 4.6 5.6 4.2 5.6-4.2" />
  </Icon>
)
export const ThemeIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="5.5" />
    <path d="M8 2.5a5.5 5.5 0 0 1 0 11z" fill="currentColor" />
  </Icon>
)
export const HelpIcon = () => (
  <Icon>
    <rect x="1.8" y="3.8" width="12.4" height="8.4" rx="1.4" />
    <path d="M4.5 6.5h.01M7 6.5h.01M9.5 6.5h.01M12 6.5h.01M5 9.5h6" />
  </Icon>
)
