/* SPDX-License-Identifier: Apache-2.0
 * main for a fuzz target without libFuzzer: runs it over each file named, as libFuzzer does.
 * Never makes an input of its own. Called by t/fuzz/replay.sh.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len);

static int replay(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *octets = NULL;
    long len = -1;

    if (!file || fseek(file, 0, SEEK_END) || (len = ftell(file)) < 0) {
        goto done;
    }
    rewind(file);
    /* exactly as long as the file, so that ASan sees a read past its end */
    octets = malloc((size_t)len);
    if (len && (!octets || fread(octets, (size_t)len, 1, file) != 1)) {
        len = -1;
        goto done;
    }
    LLVMFuzzerTestOneInput(octets, (size_t)len);

done:
    if (len < 0) {
        perror(path);
    }
    if (file) {
        fclose(file);
    }
    free(octets);
    return len < 0;
}

int main(int argc, char **argv)
{
    int failed = 0;

    for (int i = 1; i < argc; i++) {
        failed |= replay(argv[i]);
    }
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
