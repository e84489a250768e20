#include "access/password.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

_Static_assert((int)PASSWORD_HASH_MAX >= (int)crypto_pwhash_STRBYTES, "room for libsodium's string");

/* One pass over 46 MiB: the least that OWASP's table of 2024 accepts for Argon2id with one pass. */
#define HASH_MEMORY (46 * MIB)
enum { HASH_PASSES = 1, HASHES_AT_ONCE = 2 };

/* A flood of logins may cost two cores and 92 MiB, not all the memory of the machine. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t one_ended = PTHREAD_COND_INITIALIZER;
static int running;

static void enter(void) {
    pthread_mutex_lock(&lock);
    while (running == HASHES_AT_ONCE) pthread_cond_wait(&one_ended, &lock);
    running++;
    pthread_mutex_unlock(&lock);
}

static void leave(void) {
    pthread_mutex_lock(&lock);
    running--;
    pthread_cond_signal(&one_ended);
    pthread_mutex_unlock(&lock);
}

bool crypto_ready(struct error *error) {
    return sodium_init() >= 0 || error_plain(error, "access.no_crypto");
}

bool password_hash(const char *password, char hash[PASSWORD_HASH_MAX], struct error *error) {
    enter();
    int failed = crypto_pwhash_str_alg(hash, password, strlen(password), HASH_PASSES, HASH_MEMORY,
                                       crypto_pwhash_ALG_ARGON2ID13);
    leave();
    return !failed || error_plain(error, "access.hash_memory");
}

bool password_fits(const char *password, const char *hash) {
    /* Of no password: an unknown login takes as long as a wrong password. */
    static const char nobody[] = "$argon2id$v=19$m=47104,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
                                 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    enter();
    int differs = crypto_pwhash_str_verify(hash ? hash : nobody, password, strlen(password));
    leave();
    return hash && !differs;
}

void password_make(char made[PASSWORD_MADE_MAX]) {
    static const char alphabet[] = "abcdefghjkmnpqrstuvwxyz23456789";
    size_t n = 0;
    for (int i = 0; i < 16; i++) {
        if (i && i % 4 == 0) made[n++] = '-';
        made[n++] = alphabet[randombytes_uniform(sizeof alphabet - 1)];
    }
    made[n] = '\0';
}
