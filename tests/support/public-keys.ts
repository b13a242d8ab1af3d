// Public keys made once with ssh-keygen, and what `ssh-keygen -l` says about them. For tests.

export const ed25519Blob = Buffer.from(
  'AAAAC3NzaC1lZDI1NTE5AAAAIAGW1O3+4VodKv1TNmcIcCyXyEEbG/p9BcbXieE7mpl1',
  'base64',
)
export const ed25519Sha256 = 'SHA256:Pysc1CZe3lidDFdPkvsVcRybXeJoBxZiIRV2CQdk2gU'
export const ed25519Md5 = 'c9:2e:e0:4e:45:46:c0:62:9d:45:c6:43:f6:be:42:20'

export const ecdsaBlob = Buffer.from(
  'AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBAIj34Om6zW1Y/fSPmviPFlZqJ4xnDCBqpwM795wyzkMURfv+6651c/6' +
    'j1PzWwAz9BL7fIXdHvGPKkH2hOpTWXM=',
  'base64',
)
export const ecdsaSha256 = 'SHA256:Ev6b/VAoZdSWJkqOXf8HaKRMQVkg4PXHIukJFTbgaoE'

export const rsaBlob = Buffer.from(
  'AAAAB3NzaC1yc2EAAAADAQABAAABgQCXyiozv2c/8PA9sJ9xE4DQtSM34slYpBQ6X/vrm1RY+RBQwoqdJDc13R93puV1xSWalyRS0VnmhEtI' +
    'rnUjwb5ACwU+r/Qmexrb3bpWC92sY90QcG3DXXmnmh9lEG0vvajV69XdrTOq/iOdMMTr7nJci/VasABuiyyRmzpEiB1IwY9/IcU/PVQH/a9L' +
    'OzxJve/eOGjYwn9Ejh0k7PcNSpQcznpiZ7PWq6sKsGx3cC0TTtpgIZy+4MZ4Awt2pLD2QBuyuNCwcf25ncv9jafyg613C+tnEWvCGA7N3a6/' +
    'NUxglc0aL4jVLY0dpTGUsPSvX/7EwT/ggvmuofsQTreBIflvrHw62oCBL+hdkUhy6sPqPNXe5/ngrzvIjO0bMmW7EPS3cZ3pzOKHliVbGn1i' +
    'R3EHHYrn8FP4Rj3T6PDKr7JERamS8RJembEkDOVPkr09V2ilR8Zbjav6XnCak+2M0kkVmyOMb+E858uzFkSm69tOdspQQjxmvOCwedhMx27D' +
    'bpc=',
  'base64',
)
export const rsaSha256 = 'SHA256:TqleNALZ9/859oYjg1kya26/ChGDvQMTIxbgoh25Qbo'
export const rsaMd5 = 'e5:42:de:46:72:d5:ea:d8:0d:bc:1e:d0:33:a5:d3:45'

/** The line that `ssh-keygen -H` made for the Ed25519 key of `[host.example]:2222`. */
export const hashedLine =
  '|1|ANnv7EgmhaK1NlkvQBpQJISZJ0w=|JHKJcmHtlBauIaLlh0I5A/GD7FU= ssh-ed25519 ' + ed25519Blob.toString('base64')
