### Turkish.

## The page

secured_by = Kassa güvencesiyle
default_title = Alışverişinizi tamamlayın
languages = Dil
terms_link = Şartlar ve koşullar
privacy_link = Gizlilik politikası
support_link = Müşteri hizmetleri
opens_in_new_tab = (yeni sekmede açılır)

## The order

order_summary = Sipariş özeti
quantity = Adet
more_lines =
    { $count ->
        [one] { $count } kalem daha göster
       *[other] { $count } kalem daha göster
    }
item = Ürün
discount = İndirim
delivery = Teslimat
tax = Vergi
surcharge = Ek ücret
subtotal = Ara toplam
including_tax = Vergi dahil
total = Toplam
order_number = Sipariş numarası

## Ways to pay

payment_heading = Ödeme yöntemi
pay_now = Şimdi öde
pay_later = Sonra öde
pay_over_time = Taksitle öde
about_pay_now = Tutarın tamamını bugün ödeyin.
about_pay_later = Daha ileri bir tarihte ödeyin.
about_pay_over_time = Tutarı birkaç ödemeye bölün.
about_direct_debit = Tutar banka hesabınızdan çekilir.
about_direct_bank_transfer = Doğrudan banka hesabınızdan ödeyin.

## The consumer's details

details_heading = Bilgileriniz
email = E-posta adresi
one_time_code = Tek kullanımlık kod
one_time_code_hint = Altı rakam
sign_up_heading = Buraya ilk gelişiniz
sign_up_hint = Yalnızca bu seferlik birkaç bilgiye daha ihtiyacımız var.
given_name = Ad
family_name = Soyadı
date_of_birth = Doğum tarihi

## Buttons, and the payment form

buy = Satın al
rent = Kirala
book = Rezervasyon yap
subscribe = Abone ol
download = İndir
order = Sipariş ver
continue_purchase = Devam et
pay = Öde
processing = İşleniyor…
script_needed = Burada ödeme yapmak için JavaScript gereklidir. Lütfen tarayıcınızda etkinleştirin veya mağazaya geri dönün.
category_unavailable = Bu ödeme yöntemi bu alışveriş için kullanılamıyor. Lütfen başka bir yöntem seçin.
payment_not_finished = Ödeme tamamlanmadı. Yeniden deneyebilirsiniz.
back = Mağazaya dön
cancel = Alışverişi iptal et

## Errors and notices

error_prefix = Hata:
error_summary = Lütfen şunları kontrol edin
category_not_chosen = Nasıl ödemek istediğinizi seçin.
email_not_readable = Bir e-posta adresi girin, örneğin ad@example.com.
code_not_readable = Kodun altı rakamını girin.
code_rejected = Bu kod doğru değil. Kontrol edip yeniden girin.
given_name_missing = Adınızı girin.
family_name_missing = Soyadınızı girin.
date_of_birth_not_readable = Doğum tarihinizi girin.
order_changed = Sipariş değişti. Lütfen yeni toplamı kontrol edin.
expires_soon = Bu ödeme bağlantısı { $time } saatine kadar geçerlidir. Daha fazla zaman gerekirse mağazadan yeni bir bağlantı isteyin.
category_declined = Bu ödeme yöntemi alışverişiniz için kullanılamıyor. Lütfen başka bir yöntem seçin.

## The explanation of the sandbox

sandbox_heading = Test ortamı: gerçek para aktarılmaz
sandbox_code = 999999 dışında herhangi altı rakam
sandbox_approves = ödeme onaylanır
sandbox_declines = ödeme reddedilir
sandbox_fails = ödeme teknik bir hatayla sonuçlanır
sandbox_signs_up = ad ve doğum tarihi istenir

## The question before a cancellation

cancel_heading = Alışveriş iptal edilsin mi?
cancel_text = Hiçbir tutar tahsil edilmedi. İptal ederseniz bu ödeme bağlantısı artık çalışmaz.
cancel_confirm = Evet, alışverişi iptal et
keep_paying = Ödemeye devam et

## Outcomes

declined_heading = Ödeme reddedildi
declined_text = Hiçbir tutar tahsil edilmedi. Yeniden deneyebilir veya mağazada başka bir ödeme yöntemi seçebilirsiniz.
error_heading = Bir sorun oluştu
error_text = Teknik bir hata ödemeyi durdurdu. Hiçbir tutar tahsil edilmedi.
confirming_heading = Ödemeniz onaylanıyor
confirming_text = Bu işlem birkaç dakika sürebilir. Bir şey yapmanız gerekmez. Lütfen yeniden ödeme yapmayın: bu sayfayı kapatsanız bile mağaza sonucu öğrenir.
completed_heading = Ödeme onaylandı
completed_text = Teşekkür ederiz. Mağaza bilgilendirildi ve gerisiyle ilgilenecek.
cancelled_heading = Alışveriş iptal edildi
cancelled_text = Hiçbir tutar tahsil edilmedi. Bu sayfayı kapatabilirsiniz.
went_back_heading = Ödemeden ayrıldınız
went_back_text = Hiçbir tutar tahsil edilmedi. Alışverişinizi hâlâ tamamlayabilirsiniz.
disabled_heading = Bu ödeme bağlantısı artık geçerli değil
disabled_text = Mağaza bağlantıyı geri çekti. Lütfen mağazadan yeni bir bağlantı isteyin.
expired_heading = Bu ödeme bağlantısının süresi doldu
expired_text = Lütfen mağazadan yeni bir bağlantı isteyin.
not_found_heading = Bu ödeme bağlantısını tanımıyoruz
not_found_text = Bağlantının tamamının kopyalandığını kontrol edin veya mağazadan yeni bir bağlantı isteyin.
unavailable_heading = Lütfen birazdan yeniden deneyin
unavailable_text = Ödeme sayfası geçici olarak kullanılamıyor. Hiçbir tutar tahsil edilmedi.
no_payments_heading = Bu mağaza şu anda ödeme alamıyor
no_payments_text = Hiçbir tutar tahsil edilmedi. Nasıl ödeyebileceğinizi lütfen mağazaya sorun.
retry = Yeniden dene
continue_to_shop = Mağazaya devam et
return_to_shop = Mağazaya dön
moving_on = Birazdan mağazaya yönlendirileceksiniz. Hiçbir şey olmazsa düğmeyi kullanın.

## In a shop with staff

id_check_heading = Lütfen kimlik belgenizi gösterin
id_check_text = Kimlik belgenizi ve bu kodu personele gösterin. Kontrol edildiklerinde bu sayfa kendiliğinden devam eder.
id_check_code = Kod
display_heading = Ödemek için kodu tarayın
display_text = Telefonunuzun kamerasını koda tutun ve bağlantıyı açın.
status_waiting = Müşteri bekleniyor
status_in_progress = Müşteri ödeme yapıyor
status_back = Müşteri ödemeden ayrıldı
status_timed_out = Müşteri ödemeyi tamamlamadı
staff_title = Mağazada ödeme
staff_scan = Müşteri bu kodu telefonla tarar ve ödemeyi orada yapar.
staff_open_display = Müşteri ekranını aç
staff_send_email = Bağlantıyı e-postayla gönder
staff_send_sms = Bağlantıyı SMS ile gönder
phone = Telefon numarası
staff_send = Gönder
staff_sent = Bağlantı birazdan gönderilecek.
staff_not_sent = Bağlantı gönderilmedi. Adresi veya numarayı kontrol edin, doğruysa daha sonra yeniden deneyin.
staff_id_check_heading = Kimlik belgesini kontrol edin
staff_id_check_text = Kodu müşterinin telefonundaki kodla karşılaştırın. Ardından belgeyi karşınızdaki kişiyle karşılaştırın.
staff_id_check_pass = Belge doğru
staff_id_check_fail = Ödemeyi reddet
staff_id_check_over = Bu kontrol sona erdi. Müşteri ödemeyi yeniden deneyebilir.
staff_disable = Bağlantıyı geri çek
staff_disable_text = Müşteri bundan sonra bu bağlantıyla ödeme yapamaz.
staff_disable_yes = Evet, bağlantıyı geri çek

## Messages

message_subject = Alışverişiniz: { $shop }
message_text = Alışverişinizi tamamlayın ({ $shop }): { $link }
