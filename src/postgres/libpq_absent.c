/*
 * Debian's libpq.a is built with GSSAPI and LDAP, and neither has a static archive.  These answer
 * "not available", which libpq takes well: without credentials it does not try GSSAPI encryption
 * (gssencmode=prefer), a server that insists on GSSAPI authentication gets a clear error, and an
 * ldap:// line in a service file is refused.
 *
 * libpq also asks the system who a user is: for the home directory where HOME is not set, as in
 * many containers, and for the name behind requirepeer.  Static glibc would load whatever modules
 * /etc/nsswitch.conf names for that, so /etc/passwd alone is read here.
 *
 * The GSSAPI headers need not be installed, hence the declarations: all parameters are pointers or
 * integers, and only the results and the outputs of gss_display_status matter.
 */
#include <pwd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

typedef struct {
  size_t length;
  void* value;
} gss_buffer_desc;

enum { kUnavailable = 16 << 16 }; /* GSS_S_UNAVAILABLE */
enum { kLdapOther = 0x50 };       /* LDAP_OTHER */

void* GSS_C_NT_HOSTBASED_SERVICE = NULL;

#define GSS_FUNCTION(name) \
  uint32_t name(void);     \
  uint32_t name(void) { return kUnavailable; }

GSS_FUNCTION(gss_acquire_cred)
GSS_FUNCTION(gss_delete_sec_context)
GSS_FUNCTION(gss_import_name)
GSS_FUNCTION(gss_init_sec_context)
GSS_FUNCTION(gss_release_buffer)
GSS_FUNCTION(gss_release_cred)
GSS_FUNCTION(gss_release_name)
GSS_FUNCTION(gss_unwrap)
GSS_FUNCTION(gss_wrap)
GSS_FUNCTION(gss_wrap_size_limit)

uint32_t gss_display_status(uint32_t* minor, uint32_t status, int type, void* mechanism,
                            uint32_t* context, gss_buffer_desc* text);
uint32_t gss_display_status(uint32_t* minor, uint32_t status, int type, void* mechanism,
                            uint32_t* context, gss_buffer_desc* text) {
  static char message[] = "this program is built without GSSAPI";
  (void)status;
  (void)type;
  (void)mechanism;
  *minor = 0;
  *context = 0; /* the only message */
  text->value = message;
  text->length = sizeof message - 1;
  return 0;
}

#define LDAP_POINTER(name) \
  void* name(void);        \
  void* name(void) { return NULL; }
#define LDAP_CODE(name) \
  int name(void);       \
  int name(void) { return kLdapOther; }

LDAP_POINTER(ldap_init)
LDAP_POINTER(ldap_first_entry)
LDAP_POINTER(ldap_get_values_len)
LDAP_CODE(ldap_count_entries)
LDAP_CODE(ldap_msgfree)
LDAP_CODE(ldap_result)
LDAP_CODE(ldap_search_st)
LDAP_CODE(ldap_set_option)
LDAP_CODE(ldap_simple_bind)
LDAP_CODE(ldap_unbind)
LDAP_CODE(ldap_value_free_len)

char* ldap_err2string(int code);
char* ldap_err2string(int code) {
  static char message[] = "this program is built without LDAP";
  (void)code;
  return message;
}

/* libpq takes these from libpgport, which is linked behind this file.  What is copied to `buffer`
   is the answer, or, with false, why there is none. */
bool pg_get_user_name(uid_t id, char* buffer, size_t size);
bool pg_get_user_home_dir(uid_t id, char* buffer, size_t size);

static bool look_up(uid_t id, bool home, char* buffer, size_t size) {
  struct passwd entry;
  struct passwd* found = NULL;
  char text[4096];
  FILE* file = fopen("/etc/passwd", "re");
  if (file != NULL) {
    while (fgetpwent_r(file, &entry, text, sizeof text, &found) == 0 && entry.pw_uid != id) {
      found = NULL;
    }
    fclose(file);
  }
  if (found == NULL) {
    snprintf(buffer, size, "/etc/passwd does not know user %lu", (unsigned long)id);
    return false;
  }
  snprintf(buffer, size, "%s", home ? entry.pw_dir : entry.pw_name);
  return true;
}

bool pg_get_user_name(uid_t id, char* buffer, size_t size) {
  return look_up(id, false, buffer, size);
}

bool pg_get_user_home_dir(uid_t id, char* buffer, size_t size) {
  return look_up(id, true, buffer, size);
}
