/* What answers on a VM's control line, inside it: two scripts for any POSIX shell. */
#ifndef BEE_GUEST_VM_AGENT_H
#define BEE_GUEST_VM_AGENT_H

extern const char vm_agent[];        /* /etc/bee/agent */
extern const char vm_agent_rdinit[]; /* /etc/bee/rdinit, of an initramfs alone */
extern const char vm_agent_init[];   /* /etc/bee/init, for trees without systemd */

#endif
